package dev.tocsin.cloud.devices;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.desired.SeenDevice;
import dev.tocsin.profiles.wire.Topics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Devices that reported without being enrolled: stored, and, where a gateway with open enrolment took them in, enrolled.
 * A message is acknowledged to the broker after its commit; while the database is away the broker keeps the rest, because
 * the session's window bounds what waits here.
 */
public final class SeenDevices implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SeenDevices.class);
    private static final long BATCH_EVERY_MS = 300;
    private static final int BATCH = 1_000;
    private static final int LISTED = 1_000;

    private final Registry registry;
    private final Database database;
    private final Counter refused;
    private final LinkedBlockingQueue<Arrived> arrived = new LinkedBlockingQueue<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(run -> {
        Thread named = new Thread(run, "seen-devices");
        named.setDaemon(true);
        return named;
    });

    private record Arrived(SeenDevice seen, Runnable acknowledge) {}

    record Seen(
            String gateway, String device, String profile, boolean accepted, java.time.Instant at, boolean enrolled) {}

    public SeenDevices(Registry registry, Database database, MeterRegistry metrics) {
        this.registry = registry;
        this.database = database;
        this.refused = metrics.counter("tocsin.seen.refused");
    }

    public void start() {
        thread.scheduleWithFixedDelay(this::storeBatch, 0, BATCH_EVERY_MS, TimeUnit.MILLISECONDS);
    }

    /** Takes one message of a gateway's {@code seen} topic. */
    public void arrived(String topic, byte[] payload, Runnable acknowledge) {
        try {
            SeenDevice seen = DesiredJson.read(payload, SeenDevice.class);
            if (seen.gateway() == null || seen.device() == null || seen.profile() == null || seen.at() == null) {
                throw new IllegalArgumentException("a field is missing");
            }
            if (!seen.gateway().equals(Topics.parseUp(topic).gateway())) {
                throw new IllegalArgumentException("it names another gateway: " + seen.gateway());
            }
            if (!Topics.ID.matcher(seen.device()).matches()
                    || !Topics.ID.matcher(seen.profile()).matches()) {
                throw new IllegalArgumentException(
                        "device '" + seen.device() + "' or profile '" + seen.profile() + "' is no id");
            }
            arrived.add(new Arrived(seen, acknowledge));
        } catch (IllegalArgumentException e) {
            refused.increment();
            LOG.warn("refused on {}: {}", topic, e.getMessage());
            acknowledge.run();
        }
    }

    List<Seen> newest() {
        RegistryImage image = registry.image();
        return database.read(handle -> handle.createQuery(
                        "select * from ops.seen order by at desc, device limit " + LISTED)
                .map((row, context) -> new Seen(
                        row.getString("gateway"),
                        row.getString("device"),
                        row.getString("profile"),
                        row.getBoolean("accepted"),
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        image.devices().containsKey(row.getString("device"))))
                .list());
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void storeBatch() {
        List<Arrived> batch = new ArrayList<>();
        for (Arrived one : arrived) {
            if (batch.size() < BATCH) {
                batch.add(one);
            }
        }
        if (batch.isEmpty() || !database.available()) {
            return;
        }
        try {
            registry.change("open enrolment", change -> {
                for (Arrived one : batch) {
                    store(change.handle(), one.seen());
                    if (toEnrol(one.seen())) {
                        SeenDevice seen = one.seen();
                        change.put(new RegisteredDevice(
                                seen.device(), seen.gateway(), seen.profile(), seen.device(), null));
                    }
                }
            });
        } catch (ApiException e) {
            LOG.debug("the database is away, the batch stays", e);
            return;
        } catch (RuntimeException e) {
            // Thrown on, it would end the schedule; the batch stays and is tried again.
            LOG.error("{} seen devices could not be stored yet", batch.size(), e);
            return;
        }
        for (Arrived one : batch) {
            arrived.poll();
            one.acknowledge().run();
        }
    }

    private boolean toEnrol(SeenDevice seen) {
        RegistryImage image = registry.image();
        RegisteredGateway gateway = image.gateways().get(seen.gateway());
        return seen.accepted()
                && gateway != null
                && gateway.enrolment() == Enrolment.OPEN
                && !image.devices().containsKey(seen.device())
                && registry.profiles().find(seen.profile()) != null;
    }

    private static void store(Handle handle, SeenDevice seen) {
        handle.createUpdate("insert into ops.seen (gateway, device, profile, accepted, at)"
                        + " values (:gateway, :device, :profile, :accepted, :at)"
                        + " on conflict (gateway, device) do update set profile = excluded.profile,"
                        + " accepted = excluded.accepted, at = greatest(ops.seen.at, excluded.at)")
                .bind("gateway", seen.gateway())
                .bind("device", seen.device())
                .bind("profile", seen.profile())
                .bind("accepted", seen.accepted())
                .bind("at", seen.at().atOffset(ZoneOffset.UTC))
                .execute();
    }
}

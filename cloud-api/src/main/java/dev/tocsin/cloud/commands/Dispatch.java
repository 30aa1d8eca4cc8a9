package dev.tocsin.cloud.commands;

import dev.tocsin.cloud.broker.BrokerSession;
import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.devices.Presences;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.profiles.command.CommandReply;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.profiles.wire.Topics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends each command until its gateway has answered or its deadline has passed, and stores what gateways answer. A
 * command may go out many times: the gateway carries it out once. The message expires with the command, so that no
 * broker delivers it late. A reply is acknowledged to the broker after its commit; while the database is away the broker
 * keeps the rest, because the session's window bounds what waits here. One thread does it all.
 */
public final class Dispatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatch.class);
    private static final long LOOK_EVERY_MS = 500;
    private static final Duration AGAIN_AFTER = Duration.ofSeconds(5);
    /** For the answer to one that was carried out at the last moment. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private static final int MAX_SENT = 5_000;
    private static final LocalText UNANSWERED =
            new LocalText("The gateway did not answer before the deadline.", "网关未在期限内响应。");

    private final Database database;
    private final BrokerSession broker;
    private final Presences presences;
    private final Clock clock;
    private final Counter refused;
    private final LinkedBlockingQueue<Arrived> arrived = new LinkedBlockingQueue<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(run -> {
        Thread named = new Thread(run, "commands");
        named.setDaemon(true);
        return named;
    });
    /** Of the thread only: when each waiting command last went out. */
    private final Map<String, Instant> sent = new HashMap<>();

    private record Arrived(String gateway, CommandReply reply, Runnable acknowledge) {}

    public Dispatch(Database database, BrokerSession broker, Presences presences, Clock clock, MeterRegistry metrics) {
        this.database = database;
        this.broker = broker;
        this.presences = presences;
        this.clock = clock;
        this.refused = metrics.counter("tocsin.commands.replies.refused");
    }

    public void start() {
        thread.scheduleWithFixedDelay(this::look, 0, LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
    }

    /** A command was stored. */
    void sendSoon() {
        try {
            thread.execute(this::look);
        } catch (RejectedExecutionException e) {
            LOG.debug("closed", e);
        }
    }

    /** Takes one message of a gateway's {@code reply} topic. */
    public void arrived(String topic, byte[] payload, Runnable acknowledge) {
        try {
            arrived.add(new Arrived(Topics.parseUp(topic).gateway(), CommandReply.read(payload), acknowledge));
        } catch (IllegalArgumentException e) {
            refused.increment();
            LOG.warn("refused on {}: {}", topic, e.getMessage());
            acknowledge.run();
        }
    }

    private void look() {
        if (!database.available()) {
            return;
        }
        try {
            storeReplies();
            Instant now = clock.instant();
            List<StoredCommand> waiting = database.write(handle -> {
                CommandStore.expire(handle, now.minus(GRACE), UNANSWERED);
                return CommandStore.waiting(handle, now, MAX_SENT);
            });
            sent.keySet().retainAll(waiting.stream().map(StoredCommand::id).collect(Collectors.toSet()));
            waiting.forEach(command -> send(command, now));
        } catch (ApiException e) {
            LOG.debug("the database is away, the commands wait", e);
        } catch (RuntimeException e) {
            // Thrown on, it would end the schedule.
            LOG.error("commands could not be looked after", e);
        }
    }

    private void storeReplies() {
        List<Arrived> batch = new ArrayList<>(arrived);
        if (batch.isEmpty()) {
            return;
        }
        database.write(handle -> {
            batch.forEach(one -> CommandStore.reply(handle, one.gateway(), one.reply()));
            return null;
        });
        batch.forEach(one -> {
            arrived.poll();
            one.acknowledge().run();
        });
    }

    private void send(StoredCommand command, Instant now) {
        Instant last = sent.get(command.id());
        GatewayStatus status = presences.statusOf(command.gateway());
        boolean there = status != null && status.online();
        boolean due = last == null || last.plus(AGAIN_AFTER).isBefore(now);
        if (there && due && broker.isConnected()) {
            sent.put(command.id(), now);
            long seconds = Math.max(1, Duration.between(now, command.deadline()).toSeconds());
            broker.publishExpiring(Topics.command(command.gateway()), DesiredJson.write(command.command()), seconds);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}

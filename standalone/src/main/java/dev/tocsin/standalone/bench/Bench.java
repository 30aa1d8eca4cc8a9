package dev.tocsin.standalone.bench;

import dev.tocsin.profiles.codec.Incoming;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.standalone.database.DatabaseRole;
import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.field.SenMl;
import dev.tocsin.standalone.officer.Api;
import dev.tocsin.standalone.officer.LiveClient;
import dev.tocsin.standalone.platform.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.eclipse.paho.mqttv5.common.MqttException;

/**
 * Measures a running platform and prints what it finds: figures and ratios, no verdicts. Everything runs on the same
 * cores, the load generator too, so rates are lower bounds. For one thread.
 */
public final class Bench {
    private static final int CONNECTIONS = 200;
    private static final int BATCH_CONNECTIONS = 4;
    private static final int READINGS_PER_BATCH = 100;
    private static final int ALERTS = 200;
    private static final long ALERT_EVERY_MS = 50;
    private static final double ALARM_CELSIUS = 90;
    /** For what is under way when a load ends. */
    private static final Duration DONE_WITHIN = Duration.ofMinutes(5);

    private static final Duration ALERT_WITHIN = Duration.ofSeconds(20);

    private final Platform platform;
    private final String password;
    private final Duration seconds;
    private final Consumer<String> print;
    private final Profile profile =
            Objects.requireNonNull(ProfileCatalog.builtIn().find("heat-en54-a1r"));
    private int alertRuns;

    /**
     * @param password of the demonstration's users
     * @param seconds how long each load lasts
     */
    public Bench(Platform platform, String password, Duration seconds, Consumer<String> print) {
        this.platform = platform;
        this.password = password;
        this.seconds = seconds;
        this.print = print;
    }

    public void run() throws MqttException, IOException, InterruptedException, SQLException {
        print.accept("memory at rest, MB: " + ProcessSizes.residentMb(platform));
        try (LiveClient live = new LiveClient(
                new Api("http://127.0.0.1:" + platform.plan().ports().http()).login("duty", password))) {
            alertLatency(live);
            print.accept("alert latency idle, sensor publish to WebSocket: " + alertLatency(live));

            double bareSingle = bareBroker(CONNECTIONS, 20, 1);
            double single = ingest("single readings, " + CONNECTIONS + " connections", CONNECTIONS, 20, 1, bareSingle);
            halfLoad(live, single / 2);
            double bareBatch = bareBroker(BATCH_CONNECTIONS, 50, READINGS_PER_BATCH);
            ingest(
                    "batched, " + READINGS_PER_BATCH + " readings a message, " + BATCH_CONNECTIONS + " connections",
                    BATCH_CONNECTIONS,
                    50,
                    READINGS_PER_BATCH,
                    bareBatch);
        }
        print.accept("memory after the load, MB: " + ProcessSizes.residentMb(platform));
        storedSize();
    }

    /** The same messages to the same broker with one subscriber and nothing else: what the transport alone gives. */
    private double bareBroker(int connections, int window, int readingsPerMessage)
            throws MqttException, IOException, InterruptedException {
        String platformPassword = Files.readString(platform.credentials().passwordFile("platform"))
                .strip();
        try (BareSubscriber subscriber = new BareSubscriber(platform.brokerUrl(), platformPassword);
                Load load = new Load(sensors(), connections, window, "bare/", profile, readingsPerMessage)) {
            long began = System.nanoTime();
            long messages = load.run(seconds, null);
            subscriber.await(messages, new Deadline(DONE_WITHIN));
            double rate = messages / ((System.nanoTime() - began) / 1e9);
            print.accept(String.format(
                    "bare broker, %d connections, %d readings a message: %,.0f messages/s",
                    connections, readingsPerMessage, rate));
            return rate;
        }
    }

    /** Messages a second from publish to committed row. */
    private double ingest(String what, int connections, int window, int readingsPerMessage, double bareRate)
            throws MqttException, IOException, InterruptedException, SQLException {
        try (Connection database = database();
                Load load = new Load(sensors(), connections, window, "sensors/", profile, readingsPerMessage)) {
            long rowsBefore = committed(database);
            long began = System.nanoTime();
            long messages = load.run(seconds, null);
            double acknowledged = messages / ((System.nanoTime() - began) / 1e9);
            Deadline deadline = new Deadline(DONE_WITHIN);
            long wanted = messages * readingsPerMessage;
            for (long rows = 0; rows < wanted; rows = committed(database) - rowsBefore) {
                deadline.require("readings committed as rows", wanted, rows);
                TimeUnit.MILLISECONDS.sleep(20);
            }
            double elapsed = (System.nanoTime() - began) / 1e9;
            double rate = messages / elapsed;
            print.accept(String.format(
                    "%s: %,.0f messages/s acknowledged durable; %,.0f messages/s = %,.0f readings/s to committed row;"
                            + " %.0f %% of the bare broker's",
                    what, acknowledged, rate, rate * readingsPerMessage, 100 * rate / bareRate));
            return rate;
        }
    }

    private void halfLoad(LiveClient live, double messagesPerSecond)
            throws MqttException, InterruptedException, IOException {
        try (Load load = new Load(sensors(), CONNECTIONS, 20, "sensors/", profile, 1)) {
            Thread background = new Thread(
                    () -> {
                        try {
                            load.run(Duration.ofMillis(ALERTS * ALERT_EVERY_MS).plusSeconds(2), messagesPerSecond);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        } catch (IOException e) {
                            print.accept("half load: " + e.getMessage());
                        }
                    },
                    "half-load");
            background.start();
            TimeUnit.SECONDS.sleep(1);
            Latencies latencies = alertLatency(live);
            background.join();
            print.accept(
                    String.format("alert latency at half load (%,.0f messages/s): %s", messagesPerSecond, latencies));
        }
    }

    private Latencies alertLatency(LiveClient live) throws MqttException, InterruptedException, IOException {
        String prefix = "fire-" + alertRuns++ + "-";
        Latencies latencies = new Latencies();
        long[] sentNanos = new long[ALERTS];
        try (FieldPublisher sensor = connect(prefix + "sensor", 100)) {
            for (int i = 0; i < ALERTS; i++) {
                byte[] pack = SenMl.pack(profile, System.currentTimeMillis(), Map.of("temperature", ALARM_CELSIUS));
                sentNanos[i] = System.nanoTime();
                sensor.publish("sensors/" + prefix + i, pack, Map.of(Incoming.PROFILE, profile.id()));
                TimeUnit.MILLISECONDS.sleep(ALERT_EVERY_MS);
            }
            long until = System.nanoTime() + ALERT_WITHIN.toNanos();
            for (int i = 0; i < ALERTS; i++) {
                Long seen = live.deviceSeenNanos(prefix + i);
                while (seen == null && System.nanoTime() < until) {
                    TimeUnit.MILLISECONDS.sleep(1);
                    seen = live.deviceSeenNanos(prefix + i);
                }
                if (seen == null) {
                    latencies.addMissing();
                } else {
                    latencies.add(seen - sentNanos[i]);
                }
            }
        }
        return latencies;
    }

    private void storedSize() throws SQLException, IOException {
        try (Connection database = database();
                Statement statement = database.createStatement()) {
            statement.execute("vacuum analyze sensing.reading");
            try (ResultSet row = statement.executeQuery(
                    "select pg_total_relation_size('sensing.reading'), (select count(*) from sensing.reading)")) {
                row.next();
                print.accept(String.format(
                        "stored size on this server: %.1f bytes a reading over %,d readings, indexes included",
                        row.getLong(1) / (double) row.getLong(2), row.getLong(2)));
            }
        }
    }

    private static long committed(Connection database) throws SQLException {
        try (Statement statement = database.createStatement();
                ResultSet row = statement.executeQuery(
                        "select coalesce(sum(upper(r) - lower(r)), 0) from sensing.ledger, unnest(held) r")) {
            row.next();
            return row.getLong(1);
        }
    }

    private Sensors.Access sensors() {
        return new Sensors.Access(platform.brokerUrl(), Platform.FIELD_USER, password);
    }

    private FieldPublisher connect(String clientId, int window) throws MqttException {
        return new FieldPublisher(platform.brokerUrl(), clientId, Platform.FIELD_USER, password, window);
    }

    private Connection database() throws SQLException, IOException {
        var postgres = Objects.requireNonNull(platform.postgres(), "a bench runs on the embedded PostgreSQL");
        return DriverManager.getConnection(
                postgres.jdbcUrl(), DatabaseRole.STREAM.user(), postgres.password(DatabaseRole.STREAM));
    }
}

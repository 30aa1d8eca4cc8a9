package dev.tocsin.standalone.bench;

import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.codec.Incoming;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.standalone.field.FieldPublisher;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.mqttv5.common.MqttException;

/**
 * How fast an agent gets rid of what an outage left behind, and how long an alarm takes meanwhile from a sensor's publish
 * to the alert lane at the platform's broker. The agent's uplink is a broker that is started only when the backlog is
 * there; a subscriber takes everything.
 */
public final class DrainRate {
    private static final int READINGS_PER_MESSAGE = 100;
    private static final int DEVICES = 20;
    private static final long ALARM_EVERY_MS = 50;
    /** What the last batches under way amount to. */
    private static final long DRAINED_BYTES = 512 * 1024;

    private static final Duration DONE_WITHIN = Duration.ofMinutes(5);
    private static final String PROFILE = "heat-en54-a1r";

    private final Sensors.Access field;
    private final Sensors.Access platform;
    private final AgentMetricsPage agent;

    /** Readings that the outage left, how many a second of them left the agent, and the alarms of that time. */
    public record Drain(long readings, double readingsPerSecond, Latencies alarms) {}

    /** Starts the platform's broker. */
    public interface Uplink {
        void begin() throws IOException, InterruptedException;
    }

    DrainRate(Sensors.Access field, Sensors.Access platform, URI agentMetrics) {
        this.field = field;
        this.platform = platform;
        this.agent = new AgentMetricsPage(agentMetrics);
    }

    /** @param wanted readings of the backlog, at least */
    Drain measure(long wanted, Uplink uplink) throws IOException, InterruptedException, MqttException {
        long readings = fill(wanted);
        uplink.begin();
        Map<String, Long> seenNanos = new ConcurrentHashMap<>();
        try (RawSubscriber subscriber = new RawSubscriber(
                platform, "drain-rate", "tocsin/v1/up/+/+/+", (topic, payload) -> note(topic, payload, seenNanos))) {
            Deadline connected = new Deadline(DONE_WITHIN);
            while (agent.value(AgentMetricsPage.UPLINK_CONNECTED) == 0) {
                connected.require("agents connected to the uplink", 1, 0);
                TimeUnit.MILLISECONDS.sleep(20);
            }
            long began = System.nanoTime();
            Map<String, Long> sentNanos = new ConcurrentHashMap<>();
            Deadline deadline = new Deadline(DONE_WITHIN);
            try (FieldPublisher alarms =
                    new FieldPublisher(field.brokerUrl(), "drain-alarm", field.user(), field.password(), 100)) {
                for (int i = 0; agent.value(AgentMetricsPage.SPOOL_BYTES) > DRAINED_BYTES; i++) {
                    deadline.require("readings drained", readings, 0);
                    String device = "drain-fire-" + i;
                    sentNanos.put(device, System.nanoTime());
                    alarms.publish("sensors/" + device, alarm(), Map.of(Incoming.PROFILE, PROFILE));
                    TimeUnit.MILLISECONDS.sleep(ALARM_EVERY_MS);
                }
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            TimeUnit.SECONDS.sleep(2);
            Latencies latencies = new Latencies();
            sentNanos.forEach((device, sent) -> {
                Long seen = seenNanos.get(device);
                if (seen == null) {
                    latencies.addMissing();
                } else {
                    latencies.add(seen - sent);
                }
            });
            return new Drain(readings, readings / seconds, latencies);
        }
    }

    private static byte[] alarm() {
        String pack =
                "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":95,\"t\":" + System.currentTimeMillis() / 1000.0 + "}]";
        return pack.getBytes(StandardCharsets.US_ASCII);
    }

    private static void note(String topic, ByteBuffer payload, Map<String, Long> seenNanos) {
        if (Topics.parseUp(topic).lane() == Lane.ALERT) {
            byte[] json = new byte[payload.remaining()];
            payload.get(json);
            seenNanos.putIfAbsent(AlertJson.read(json).device(), System.nanoTime());
        }
    }

    private long fill(long wanted) throws IOException, InterruptedException {
        long before = agent.value(AgentMetricsPage.ACCEPTED_READINGS);
        MessageRate load = new MessageRate(field, DEVICES, READINGS_PER_MESSAGE, Duration.ofSeconds(3));
        long there = 0;
        while (there < wanted) {
            load.ofAgent(agent);
            there = agent.value(AgentMetricsPage.ACCEPTED_READINGS) - before;
        }
        return there;
    }

    /** Field broker's URL, uplink's URL, agent's /metrics, readings, and the command that starts the uplink's broker. */
    public static void main(String[] arguments) throws IOException, InterruptedException, MqttException {
        if (arguments.length < 5) {
            System.err.println("usage: DrainRate FIELD_URL UPLINK_URL AGENT_METRICS_URL READINGS BROKER_COMMAND...");
            System.exit(2);
        }
        List<String> command = List.of(arguments).subList(4, arguments.length);
        Process[] broker = new Process[1];
        try {
            Drain drain = new DrainRate(
                            Sensors.Access.of(arguments[0]), Sensors.Access.of(arguments[1]), URI.create(arguments[2]))
                    .measure(Long.parseLong(arguments[3]), () -> {
                        broker[0] = new ProcessBuilder(command)
                                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .redirectError(ProcessBuilder.Redirect.DISCARD)
                                .start();
                        TimeUnit.SECONDS.sleep(1);
                    });
            System.out.printf(
                    "drained %,d readings at %,.0f readings/s; alarms meanwhile, publish to alert lane: %s%n",
                    drain.readings(), drain.readingsPerSecond(), drain.alarms());
        } finally {
            if (broker[0] != null) {
                broker[0].destroy();
            }
        }
    }
}

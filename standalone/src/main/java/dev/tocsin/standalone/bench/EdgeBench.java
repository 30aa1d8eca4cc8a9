package dev.tocsin.standalone.bench;

import dev.tocsin.profiles.codec.Incoming;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.field.SenMl;
import dev.tocsin.standalone.platform.Layout;
import dev.tocsin.standalone.platform.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.eclipse.paho.mqttv5.common.MqttException;

/**
 * Measures the edge agent alone, as a gateway runs it, between a field broker and a cloud's broker: its start, its
 * memory, what it takes, and what an outage costs. Load generator and brokers share the cores. For one thread.
 */
public final class EdgeBench {
    private static final int STARTS = 5;
    private static final int MQTT_DEVICES = 200;
    private static final int COAP_DEVICES = 50;
    private static final double READINGS_PER_SECOND = 1_000;
    private static final int SINGLE_WINDOW = 50;
    private static final int BATCH_CONNECTIONS = 8;
    private static final int BATCH_WINDOW = 50;
    private static final int READINGS_PER_BATCH = 100;
    private static final Duration DONE_WITHIN = Duration.ofMinutes(5);
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(30);
    private static final double ALARM_CELSIUS = 90;
    private static final long ALARM_EVERY_MS = 50;
    private static final int OFFLINE_READINGS_PER_SECOND = 100;
    private static final Duration FILLED_WITHIN = Duration.ofMinutes(30);
    /** Longer than a block waits to be packed: from then on, as many are packed as come. */
    private static final Duration UNTIL_PACKED = Duration.ofSeconds(45);

    private static final Duration PACED = Duration.ofSeconds(60);

    private final Layout layout;
    private final Path data;
    private final Duration seconds;
    private final Consumer<String> print;
    private final Profile profile =
            Objects.requireNonNull(ProfileCatalog.builtIn().find("heat-en54-a1r"));
    private int agents;

    /**
     * @param data an empty folder
     * @param seconds how long each load lasts
     */
    public EdgeBench(Layout layout, Path data, Duration seconds, Consumer<String> print) {
        this.layout = layout;
        this.data = data;
        this.seconds = seconds;
        this.print = print;
    }

    /** @param offlineHours that the agent is without its uplink, at 100 readings/s */
    public void run(int offlineHours) throws IOException, InterruptedException, MqttException {
        try (BrokerProcess cloud = BrokerProcess.embedded(layout, data.resolve("cloud"));
                BrokerProcess field = BrokerProcess.ofGateway(layout, data.resolve("field"))) {
            try (UplinkTap tap = new UplinkTap(cloud.access())) {
                start(field, cloud);
                memory(field, cloud, tap);
                rate("single readings", field, cloud, MQTT_DEVICES, 1);
                rate(READINGS_PER_BATCH + " readings a message", field, cloud, BATCH_CONNECTIONS, READINGS_PER_BATCH);
            }
            outage(field, cloud, offlineHours * 3_600L * OFFLINE_READINGS_PER_SECOND);
        }
    }

    /** From the start of the process to the first reading that is on disk, again and again. */
    private void start(BrokerProcess field, BrokerProcess cloud) throws IOException, InterruptedException {
        List<Long> millis = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            try (AgentProcess agent = agent(field, cloud);
                    CoapSensors sensor = new CoapSensors(agent.coapPort(), 1, profile)) {
                sensor.awaitFirst(new Deadline(ANSWERS_WITHIN));
                millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - agent.startedNanos()));
            }
        }
        Collections.sort(millis);
        print.accept("first reading acknowledged after the start of the process, ms: " + millis + ", median "
                + millis.get(STARTS / 2));
    }

    private void memory(BrokerProcess field, BrokerProcess cloud, UplinkTap tap)
            throws IOException, InterruptedException {
        double each = READINGS_PER_SECOND / (MQTT_DEVICES + COAP_DEVICES);
        try (AgentProcess agent = agent(field, cloud).await(new Deadline(ANSWERS_WITHIN));
                CoapSensors coap = new CoapSensors(agent.coapPort(), COAP_DEVICES, profile);
                Load mqtt = new Load(field.access(), MQTT_DEVICES, SINGLE_WINDOW, "sensors/", profile, 1)) {
            long before = tap.readings();
            long processorBefore = agent.processorNanos();
            long began = System.nanoTime();
            coap.start(each);
            long published = mqtt.run(seconds, each * MQTT_DEVICES);
            double elapsed = (System.nanoTime() - began) / 1e9;
            print.accept(String.format(
                    Locale.ROOT,
                    "memory: %,d MB resident, after %.0f s of %.0f readings/s from %d MQTT and %d CoAP devices over %s;"
                            + " %.1f %% of a core; %,d of %,d CoAP posts answered; %,d readings at the cloud's broker",
                    agent.residentBytes() >> 20,
                    elapsed,
                    (published + coap.acknowledged()) / elapsed,
                    MQTT_DEVICES,
                    COAP_DEVICES,
                    field,
                    100 * (agent.processorNanos() - processorBefore) / 1e9 / elapsed,
                    coap.acknowledged(),
                    coap.sent(),
                    tap.readings() - before));
        }
    }

    /** Messages a second that the agent has on its disk and has acknowledged, beside what the broker alone gives. */
    private void rate(String what, BrokerProcess field, BrokerProcess cloud, int connections, int readingsPerMessage)
            throws IOException, InterruptedException {
        MessageRate load = new MessageRate(field.access(), connections, readingsPerMessage, seconds);
        try (AgentProcess agent = agent(field, cloud).await(new Deadline(ANSWERS_WITHIN))) {
            MessageRate.Rate acknowledged = load.ofAgent(agent.metrics());
            MessageRate.Rate bare = load.ofBroker();
            print.accept(String.format(
                    Locale.ROOT,
                    "%s, %d connections over %s: %,.0f messages/s = %,.0f readings/s acknowledged durable; the bare broker"
                            + " of the same load %,.0f messages/s",
                    what,
                    connections,
                    field,
                    acknowledged.messagesPerSecond(),
                    acknowledged.readingsPerSecond(),
                    bare.messagesPerSecond()));
        }
    }

    /** What so many readings take on the agent's disk, how fast they leave it, and what alarms wait for meanwhile. */
    private void outage(BrokerProcess field, BrokerProcess cloud, long readings)
            throws IOException, InterruptedException, MqttException {
        cloud.close();
        try (AgentProcess agent = agent(field, cloud).await(new Deadline(ANSWERS_WITHIN))) {
            paced(field, agent, readings);
            try (Load load = new Load(
                    field.access(), BATCH_CONNECTIONS, BATCH_WINDOW, "sensors/", profile, READINGS_PER_BATCH)) {
                fill(agent, load, readings);
            }
            double bytes = agent.metric("tocsin_agent_spool_bytes");
            print.accept(String.format(
                    Locale.ROOT,
                    "outage, %d readings a message: %,.0f readings take %,.0f MB of the agent's disk, %.1f bytes each; %,.0f were evicted",
                    READINGS_PER_BATCH,
                    accepted(agent),
                    bytes / 1e6,
                    bytes / accepted(agent),
                    agent.metric("tocsin_agent_evicted_readings")));
            cloud.startAgain();
            try (UplinkTap tap = new UplinkTap(cloud.access())) {
                drain(field, tap, (long) accepted(agent));
            }
        }
    }

    /** What readings take that come one by one at their own pace: a block each, until they are packed. */
    private void paced(BrokerProcess field, AgentProcess agent, long readings)
            throws IOException, InterruptedException {
        try (Load load = new Load(field.access(), MQTT_DEVICES, SINGLE_WINDOW, "sensors/", profile, 1)) {
            load.run(UNTIL_PACKED, (double) OFFLINE_READINGS_PER_SECOND);
            double before = accepted(agent);
            double bytesBefore = agent.metric("tocsin_agent_spool_bytes");
            double processorBefore = agent.processorNanos();
            load.run(PACED, (double) OFFLINE_READINGS_PER_SECOND);
            double bytesEach = (agent.metric("tocsin_agent_spool_bytes") - bytesBefore) / (accepted(agent) - before);
            print.accept(String.format(
                    Locale.ROOT,
                    "outage, single readings of %d devices at %d/s: %.1f bytes of the agent's disk each once packed, of"
                            + " %,d so %,.0f MB; %.1f %% of a core",
                    MQTT_DEVICES,
                    OFFLINE_READINGS_PER_SECOND,
                    bytesEach,
                    readings,
                    readings * bytesEach / 1e6,
                    100 * (agent.processorNanos() - processorBefore) / PACED.toNanos()));
        }
    }

    /** In portions, so that the field broker has nothing left at the end that alarms would wait behind. */
    private void fill(AgentProcess agent, Load load, long readings) throws IOException, InterruptedException {
        Deadline deadline = new Deadline(FILLED_WITHIN);
        for (long published = (long) accepted(agent); published < readings; ) {
            published += load.run(Duration.ofMillis(500), null) * READINGS_PER_BATCH;
            while (accepted(agent) < published) {
                deadline.require("readings kept by the agent", readings, (long) accepted(agent));
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }

    private void drain(BrokerProcess field, UplinkTap tap, long readings)
            throws IOException, InterruptedException, MqttException {
        Deadline deadline = new Deadline(DONE_WITHIN);
        while (tap.readings() == 0) {
            deadline.require("readings drained", 1, 0);
            TimeUnit.MILLISECONDS.sleep(1);
        }
        long began = System.nanoTime();
        long before = tap.readings();
        Latencies alarms = new Latencies();
        List<Long> sentNanos = new ArrayList<>();
        try (FieldPublisher sensor = new FieldPublisher(
                field.access().brokerUrl(),
                "bench-fire",
                field.access().user(),
                field.access().password(),
                100)) {
            while (tap.readings() < readings) {
                deadline.require("readings drained", readings, tap.readings());
                byte[] pack = SenMl.pack(profile, System.currentTimeMillis(), Map.of("temperature", ALARM_CELSIUS));
                String device = "fire-" + sentNanos.size();
                sentNanos.add(System.nanoTime());
                sensor.publish("sensors/" + device, pack, Map.of(Incoming.PROFILE, profile.id()));
                TimeUnit.MILLISECONDS.sleep(ALARM_EVERY_MS);
            }
            double rate = (tap.readings() - before) / ((System.nanoTime() - began) / 1e9);
            for (int i = 0; i < sentNanos.size(); i++) {
                Long seen = tap.awaitAlert("fire-" + i, new Deadline(ANSWERS_WITHIN));
                if (seen == null) {
                    alarms.addMissing();
                } else {
                    alarms.add(seen - sentNanos.get(i));
                }
            }
            print.accept(String.format(
                    Locale.ROOT,
                    "drain: %,.0f readings/s to the cloud's broker; alarms meanwhile, from the sensor's publish to the"
                            + " alert lane: %s",
                    rate,
                    alarms));
        }
    }

    private static double accepted(AgentProcess agent) throws IOException, InterruptedException {
        return agent.metric("tocsin_agent_accepted_readings_total");
    }

    private AgentProcess agent(BrokerProcess field, BrokerProcess cloud) throws IOException {
        Ports ports = Ports.free();
        return new AgentProcess(
                layout,
                data.resolve("agent-" + agents++),
                field.access(),
                cloud.access(),
                ports.coap(),
                ports.agentHttp());
    }
}

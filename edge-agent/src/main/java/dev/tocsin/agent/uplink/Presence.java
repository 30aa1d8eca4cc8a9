package dev.tocsin.agent.uplink;

import dev.tocsin.agent.spool.Spool;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.desired.UpdateProgress;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;

/** The retained status of this gateway: that it is there, and what it runs with. For the uplink's thread. */
final class Presence {
    private static final long TELL_MS = 5_000;
    private static final long FAREWELL_MS = 1_000;

    private final String topic;
    private final String gateway;
    private final String version;
    private final Spool spool;
    private final Uplink.Running running;
    private final BooleanSupplier clockKnown;

    private Told told = new Told(-1, null, null);

    /** What the status tells that changes while it is connected. */
    private record Told(
            long changes,
            @Nullable UpdateProgress update,
            @Nullable String incarnation) {}

    /** @param version of the agent */
    Presence(
            String topic,
            String gateway,
            String version,
            Spool spool,
            Uplink.Running running,
            BooleanSupplier clockKnown) {
        this.topic = topic;
        this.gateway = gateway;
        this.version = version;
        this.spool = spool;
        this.running = running;
        this.clockKnown = clockKnown;
    }

    String topic() {
        return topic;
    }

    /** What the broker says of it once the connection is lost. */
    byte[] will() {
        return DesiredJson.write(new GatewayStatus(gateway, false, null, null, null, 0, false, null, null, List.of()));
    }

    /** For a connection that has just come to stand: returns when the broker has it. */
    void arrive(BrokerLink link, Instant since) throws MqttException {
        told = now();
        link.publishRetained(topic, status(since), TELL_MS);
    }

    /** Tells what changed since, if anything did and there is room for it. */
    void refresh(BrokerLink link, Instant since) throws MqttException {
        Told now = now();
        if (!now.equals(told) && link.hasRoom()) {
            told = now;
            link.publishRetained(topic, status(since));
        }
    }

    /** The same as the will says. */
    void leave(BrokerLink link) throws MqttException {
        link.publishRetained(topic, will(), FAREWELL_MS);
    }

    private Told now() {
        return new Told(running.changes(), running.update(), spool.incarnation());
    }

    private byte[] status(Instant since) {
        return DesiredJson.write(new GatewayStatus(
                gateway,
                true,
                since,
                version,
                told.incarnation(),
                running.registryVersion(),
                clockKnown.getAsBoolean(),
                told.update(),
                running.versions(),
                running.refused()));
    }
}

package dev.tocsin.agent.acquire;

import dev.tocsin.agent.link.BrokerAddress;
import dev.tocsin.agent.link.FieldLink;
import dev.tocsin.agent.spool.Hash64;
import dev.tocsin.agent.spool.Via;
import dev.tocsin.profiles.codec.Incoming;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Callbacks of one connection; they run on that client's one callback thread. */
final class MqttReceiver implements MqttCallback {
    private static final Logger LOG = LoggerFactory.getLogger(MqttReceiver.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final BrokerAddress broker;
    private final Intake intake;
    private final FieldLink link;
    private final Witness witness;
    /** By which it acknowledges; none where it only listens. */
    private final @Nullable FieldSocket socket;

    private final int number;
    private final CountDownLatch lost;
    private final boolean listens;
    private final Via acknowledged;
    private final Via once;
    /** The disk took nothing: this connection stores nothing more, so that the order stays. */
    private volatile boolean passing;

    MqttReceiver(
            BrokerAddress broker,
            Intake intake,
            FieldLink link,
            Witness witness,
            @Nullable FieldSocket socket,
            int number,
            CountDownLatch lost) {
        this.broker = broker;
        this.intake = intake;
        this.link = link;
        this.witness = witness;
        this.socket = socket;
        this.number = number;
        this.lost = lost;
        this.listens = socket == null;
        this.passing = listens;
        this.acknowledged = new Via(link.way(), number);
        this.once = Via.once(link.way());
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        if (lost.getCount() == 0 && !passing) {
            // One was turned away: those behind it wait with it, so that the order stays.
            return;
        }
        long now = intake.clock.millis();
        long hash = Hash64.ofMessage(topic, message.getPayload());
        boolean keeps = !passing;
        if (!keeps && !witness.isNews(hash, listens, now)) {
            return;
        }
        Witness.Sight sight = keeps ? witness.take(hash, now) : new Witness.Sight(false, now);
        Incoming incoming = new Incoming(
                Incoming.Transport.MQTT,
                topic,
                -1,
                message.getPayload(),
                properties(message.getProperties()),
                sight.firstMs());
        Arrival arrival = new Arrival(
                intake,
                incoming,
                intake.withinRate(incoming, Retained.told(intake.decode(incoming), message.isRetained())),
                hash,
                message.getQos() == 0 || listens ? once : acknowledged,
                message.isRetained(),
                new Told(message.getId(), message.getQos(), hash, sight, keeps));
        if (!intake.submit(arrival, PATIENCE)) {
            // The broker keeps it, and sends it again when the spool takes messages again.
            lost.countDown();
        }
    }

    /** What becomes of one message. */
    private final class Told implements Sender {
        private final int id;
        private final int qos;
        private final long hash;
        private final Witness.Sight sight;
        private final boolean keeps;

        Told(int id, int qos, long hash, Witness.Sight sight, boolean keeps) {
            this.id = id;
            this.qos = qos;
            this.hash = hash;
            this.sight = sight;
            this.keeps = keeps;
        }

        @Override
        public void kept() {
            acknowledge(id, qos);
            if (sight.known()) {
                witness.stored(hash);
            }
        }

        @Override
        public void delayed() {
            passing = true;
            lost.countDown();
        }

        @Override
        public void passed() {
            if (keeps) {
                witness.isNews(hash, false, sight.firstMs());
                delayed();
            }
        }

        @Override
        public boolean keeps() {
            return keeps;
        }

        @Override
        public boolean judged() {
            return sight.known();
        }
    }

    private void acknowledge(int id, int qos) {
        if (qos == 0 || socket == null || link.state().number() != number) {
            return;
        }
        intake.metrics.acknowledged(Incoming.Transport.MQTT);
        socket.acknowledge(id);
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
        lost.countDown();
    }

    @Override
    public void mqttErrorOccurred(MqttException e) {
        LOG.warn("field broker {}: {}", broker, broker.reason(e));
    }

    @Override
    public void deliveryComplete(IMqttToken token) {
        // Nothing is published here.
    }

    @Override
    public void connectComplete(boolean reconnect, String serverUri) {
        // Subscriptions are made by the thread that connected.
    }

    @Override
    public void authPacketArrived(int reasonCode, @Nullable MqttProperties properties) {
        // Enhanced authentication is not used.
    }

    private static Map<String, String> properties(@Nullable MqttProperties properties) {
        if (properties == null || properties.getUserProperties().isEmpty()) {
            return Map.of();
        }
        Map<String, String> map = new HashMap<>();
        for (UserProperty property : properties.getUserProperties()) {
            map.put(property.getKey(), property.getValue());
        }
        return map;
    }
}

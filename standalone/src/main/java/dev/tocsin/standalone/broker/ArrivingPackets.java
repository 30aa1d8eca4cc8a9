package dev.tocsin.standalone.broker;

import io.netty.channel.Channel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.util.AttributeKey;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTInterceptor;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyConnection;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at packets before the broker does: notes what a CONNECT says of its session, and refuses topics that Artemis
 * would read as something else, and text that others could not read. Who sends what is refused loses its connection. Runs
 * on the connection's network thread.
 */
final class ArrivingPackets implements MQTTInterceptor {
    private static final Logger LOG = LoggerFactory.getLogger(ArrivingPackets.class);
    /** Seconds that the session outlives its connection, -1 for ever, as the CONNECT said. */
    static final AttributeKey<Integer> SESSION_EXPIRY = AttributeKey.valueOf("tocsin-session-expiry");

    static final AttributeKey<Boolean> SPEAKS_MQTT_5 = AttributeKey.valueOf("tocsin-mqtt-5");

    private static final int MQTT_5 = 5;
    private static final int FOR_EVER = -1;
    /** In Artemis {@code address::queue} names a queue, here that would be another client's session. */
    private static final String QUEUE_MARK = "::";

    @Override
    public boolean intercept(MqttMessage packet, RemotingConnection connection) {
        if (packet.decoderResult().isFailure()) {
            return true;
        }
        if (packet instanceof MqttConnectMessage connect) {
            return connect(connect, connection);
        }
        if (packet instanceof MqttPublishMessage publish) {
            return isPublication(
                    publish.variableHeader().topicName(),
                    publish.variableHeader().properties(),
                    connection);
        }
        if (packet instanceof MqttSubscribeMessage subscribe) {
            return subscribe.payload().topicSubscriptions().stream()
                    .map(MqttTopicSubscription::topicFilter)
                    .allMatch(ArrivingPackets::isTopic);
        }
        if (packet instanceof MqttUnsubscribeMessage unsubscribe) {
            return unsubscribe.payload().topics().stream().allMatch(ArrivingPackets::isTopic);
        }
        return true;
    }

    private static boolean connect(MqttConnectMessage connect, RemotingConnection connection) {
        Channel channel = channel(connection);
        if (channel == null) {
            return true;
        }
        boolean five = connect.variableHeader().version() == MQTT_5;
        int expirySeconds;
        if (five) {
            expirySeconds = expiry(connect.variableHeader().properties(), 0);
        } else {
            expirySeconds = connect.variableHeader().isCleanSession() ? 0 : FOR_EVER;
        }
        channel.attr(SESSION_EXPIRY).set(expirySeconds);
        channel.attr(SPEAKS_MQTT_5).set(five);
        return !connect.variableHeader().isWillFlag()
                || isPublication(
                        connect.payload().willTopic(), connect.payload().willProperties(), connection);
    }

    static @Nullable Channel channel(RemotingConnection connection) {
        return connection.getTransportConnection() instanceof NettyConnection netty ? netty.getChannel() : null;
    }

    private static int expiry(MqttProperties properties, int otherwise) {
        MqttProperties.MqttProperty<?> property =
                properties.getProperty(MqttPropertyType.SESSION_EXPIRY_INTERVAL.value());
        return property != null && property.value() instanceof Integer seconds ? seconds : otherwise;
    }

    private static boolean isPublication(
            @Nullable String topic, MqttProperties properties, RemotingConnection connection) {
        boolean readable = ReadableText.is(topic) && ReadableText.is(properties);
        if (!readable) {
            LOG.warn(
                    "{}: what others could not read in the topic or a property of a publication to"
                            + " '{}': the connection is closed",
                    connection.getRemoteAddress(),
                    topic == null ? "" : ReadableText.shown(topic));
        }
        return readable && isTopic(topic);
    }

    private static boolean isTopic(@Nullable String topic) {
        return topic == null || !topic.contains(QUEUE_MARK);
    }
}

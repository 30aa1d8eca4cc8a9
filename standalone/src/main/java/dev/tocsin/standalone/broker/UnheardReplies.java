package dev.tocsin.standalone.broker;

import io.netty.channel.Channel;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPubAckMessage;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.util.AttributeKey;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.core.postoffice.RoutingStatus;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTInterceptor;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTReasonCodes;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTUtil;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerMessagePlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;

/**
 * Tells a publisher that nobody has a subscription for its message: PUBACK with reason 0x10, which Artemis by itself
 * never sends. An edge agent keeps such a message, for nobody else will. A retained message is kept by the broker
 * and therefore acknowledged as any other.
 *
 * <p>Artemis routes the QoS 1 messages of a connection one after the other and acknowledges them in the same order, so
 * what routing found waits in a line per connection until the acknowledgement passes. Refused messages are answered
 * out of line, with a code of their own, and never enter it.
 */
final class UnheardReplies implements MQTTInterceptor, ActiveMQServerMessagePlugin {
    private static final AttributeKey<Queue<Boolean>> HEARD = AttributeKey.valueOf("tocsin-heard");
    private static final int AT_LEAST_ONCE = 1;

    /** Called on the connection's own worker, before the acknowledgement. */
    @Override
    public void afterSend(
            ServerSession session,
            Transaction tx,
            Message message,
            boolean direct,
            boolean noAutoCreateQueue,
            RoutingStatus result) {
        Channel channel = ArrivingPackets.channel(session.getRemotingConnection());
        if (channel == null
                || !Boolean.TRUE.equals(
                        channel.attr(ArrivingPackets.SPEAKS_MQTT_5).get())) {
            return;
        }
        Integer qos = message.getIntProperty(MQTTUtil.MQTT_QOS_LEVEL_KEY);
        if (qos == null || qos != AT_LEAST_ONCE) {
            return;
        }
        Queue<Boolean> heard = channel.attr(HEARD).get();
        if (heard == null) {
            heard = new ConcurrentLinkedQueue<>();
            channel.attr(HEARD).set(heard);
        }
        boolean retained = message.getBooleanProperty(MQTTUtil.MQTT_MESSAGE_RETAIN_KEY);
        heard.add(retained || result == RoutingStatus.OK);
    }

    /** False takes the packet out of the way; the one written instead differs in its reason alone. */
    @Override
    public boolean intercept(MqttMessage packet, RemotingConnection connection) {
        if (packet.fixedHeader().messageType() != MqttMessageType.PUBACK
                || !(packet.variableHeader() instanceof MqttPubReplyMessageVariableHeader reply)
                || reply.reasonCode() != MQTTReasonCodes.SUCCESS) {
            return true;
        }
        Channel channel = ArrivingPackets.channel(connection);
        Queue<Boolean> heard = channel == null ? null : channel.attr(HEARD).get();
        if (channel == null || heard == null || !Boolean.FALSE.equals(heard.poll())) {
            return true;
        }
        MqttFixedHeader header = new MqttFixedHeader(MqttMessageType.PUBACK, false, MqttQoS.AT_MOST_ONCE, false, 0);
        channel.writeAndFlush(
                new MqttPubAckMessage(
                        header,
                        new MqttPubReplyMessageVariableHeader(
                                reply.messageId(),
                                MQTTReasonCodes.NO_MATCHING_SUBSCRIBERS,
                                MqttProperties.NO_PROPERTIES)),
                channel.voidPromise());
        return false;
    }
}

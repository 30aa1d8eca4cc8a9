package dev.tocsin.standalone.broker;

import io.netty.channel.Channel;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import java.util.Objects;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTInterceptor;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerBasePlugin;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerMessagePlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the messages of a topic in their order, on the way in and on the way out (MQTT 5, 4.6).
 *
 * <p>In Artemis what waits for the disk waits in a line of the thread at hand, and any of its workers may carry the next
 * packet of a connection. So two messages of one publisher, stored by the same write, were queued in either order; and a
 * delivery that waited for an unrelated write was overtaken by the next. Here a publisher's messages wait in the line of
 * its own session, and deliveries, which were stored before they were queued, wait for nothing. CONNACK goes as they do,
 * because a resumed session's first delivery must not overtake it.
 */
final class KeptOrder implements MQTTInterceptor, ActiveMQServerBasePlugin, ActiveMQServerMessagePlugin {
    private volatile @Nullable ActiveMQServer server;

    @Override
    public void registered(ActiveMQServer registeredWith) {
        server = registeredWith;
    }

    /** On the worker that carries the publisher's packet, before anything of it is written. */
    @Override
    public void beforeSend(
            ServerSession session, Transaction tx, Message message, boolean direct, boolean noAutoCreateQueue) {
        if (session.getSessionContext() != null) {
            Objects.requireNonNull(server, "a plugin is registered before it is called")
                    .getStorageManager()
                    .setContext(session.getSessionContext());
        }
    }

    /** Called by the one worker that delivers from a queue; false takes the packet out of Artemis' hands. */
    @Override
    public boolean intercept(MqttMessage packet, RemotingConnection connection) {
        MqttMessageType type = packet.fixedHeader().messageType();
        if (type != MqttMessageType.PUBLISH && type != MqttMessageType.CONNACK) {
            return true;
        }
        Channel channel = ArrivingPackets.channel(connection);
        if (channel == null) {
            return true;
        }
        channel.writeAndFlush(packet, channel.voidPromise());
        return false;
    }
}

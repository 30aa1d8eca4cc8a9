package dev.tocsin.standalone.broker;

import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttMessage;
import java.util.Objects;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTConnection;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTInterceptor;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTSessionState;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTStateManager;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerBasePlugin;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;
import org.jspecify.annotations.Nullable;

/**
 * Frees the packet ids of a session's last connection when it is resumed. Artemis gives a delivery that comes again a new
 * id and never takes the old one back, so that a session whose clients were lost with much un-acknowledged came to the end
 * of its 65,535 ids and got nothing any more, until the broker was restarted. Between the last connection's end and the
 * first delivery of this one stands the CONNACK.
 */
final class SpentPacketIds implements MQTTInterceptor, ActiveMQServerBasePlugin {
    private volatile @Nullable ActiveMQServer server;

    @Override
    public void registered(ActiveMQServer registeredWith) {
        server = registeredWith;
    }

    @Override
    public boolean intercept(MqttMessage packet, RemotingConnection connection) {
        if (packet instanceof MqttConnAckMessage answer
                && answer.variableHeader().connectReturnCode() == MqttConnectReturnCode.CONNECTION_ACCEPTED
                && connection instanceof MQTTConnection mqtt) {
            MQTTSessionState session = sessions().getSessionStates().get(mqtt.getClientID());
            if (session != null) {
                session.getOutboundStore().clear();
            }
        }
        return true;
    }

    private MQTTStateManager sessions() {
        try {
            return MQTTStateManager.getInstance(
                    Objects.requireNonNull(server, "a plugin is registered before it is called"));
        } catch (Exception e) {
            throw new IllegalStateException("a broker that answers has its sessions", e);
        }
    }
}

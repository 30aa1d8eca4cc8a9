package dev.tocsin.standalone.broker;

import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.config.WildcardConfiguration;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTSessionState;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTStateManager;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTUtil;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** After a start: the sessions that ended while the broker was away, with the messages that nobody is owed. */
final class EndedSessions {
    private static final Logger LOG = LoggerFactory.getLogger(EndedSessions.class);

    private EndedSessions() {}

    static void remove(ActiveMQServer server, SessionLedger ledger) throws Exception {
        MQTTStateManager sessions = MQTTStateManager.getInstance(server);
        WildcardConfiguration wildcards = server.getConfiguration().getWildcardConfiguration();
        for (MQTTSessionState session : sessions.getSessionStates().values()) {
            String clientId = session.getClientId();
            if (session.isAttached() || !ledger.ended(clientId)) {
                continue;
            }
            LOG.info("The session of '{}' ended with the connection it had: removed", clientId);
            for (MqttTopicSubscription subscription : session.getSubscriptions()) {
                SimpleString queue = SimpleString.of(
                        MQTTUtil.getCoreQueueFromMqttTopic(subscription.topicFilter(), clientId, wildcards));
                if (!MQTTUtil.isSharedSubscription(subscription.topicFilter()) && server.locateQueue(queue) != null) {
                    server.destroyQueue(queue);
                }
            }
            sessions.removeSessionState(clientId);
        }
    }
}

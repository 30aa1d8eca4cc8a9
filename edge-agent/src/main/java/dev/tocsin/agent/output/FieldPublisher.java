package dev.tocsin.agent.output;

import dev.tocsin.agent.link.Backoff;
import dev.tocsin.agent.link.BrokerAddress;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says things on the field broker, over a connection of its own that it keeps up: an order must not wait behind what
 * sensors send, nor for a connection to be made. Nothing is queued. Safe for any thread.
 */
public final class FieldPublisher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FieldPublisher.class);
    private static final int KEEP_ALIVE_SECONDS = 5;
    private static final long ANSWER_MS = 5_000;
    private static final long LOOK_MS = 250;
    private static final int NOBODY_SUBSCRIBED = 0x10;

    private final BrokerAddress broker;
    private final String clientId;
    private final Runnable whenConnected;
    private final Thread thread = new Thread(this::run, "field-orders");
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile @Nullable MqttAsyncClient client;

    /** @param whenConnected runs each time that the broker takes orders again; must not wait */
    FieldPublisher(BrokerAddress broker, String gateway, Runnable whenConnected) {
        this.broker = broker;
        this.whenConnected = whenConnected;
        this.clientId = "tocsin-agent-" + gateway + "/orders";
    }

    public void start() {
        thread.start();
    }

    public boolean connected() {
        MqttAsyncClient now = client;
        return now != null && now.isConnected();
    }

    /**
     * Publishes with QoS 1 and waits for the broker's word.
     *
     * @throws IOException when it is not certain that somebody got it, or, retained, that the broker keeps it
     */
    public void publish(String topic, byte[] payload, boolean retain) throws IOException {
        MqttAsyncClient now = client;
        if (now == null || !now.isConnected()) {
            throw new IOException("the field broker " + broker + " is away");
        }
        try {
            IMqttToken token = now.publish(topic, new MqttMessage(payload, 1, retain, new MqttProperties()));
            token.waitForCompletion(ANSWER_MS);
            int[] codes = token.getReasonCodes();
            int code = codes == null || codes.length == 0 ? 0 : codes[0];
            if (code == NOBODY_SUBSCRIBED && !retain) {
                throw new IOException("nobody is subscribed to " + topic);
            }
            if (code >= 0x80) {
                throw new IOException(
                        "the field broker " + broker + " refuses " + topic + ": 0x" + Integer.toHexString(code));
            }
        } catch (MqttException e) {
            throw new IOException("the field broker " + broker + " did not take " + topic + ": " + e.getMessage(), e);
        }
    }

    private void run() {
        Backoff backoff = new Backoff(250, 5_000);
        try {
            while (stopped.getCount() > 0) {
                if (connected()) {
                    stopped.await(LOOK_MS, TimeUnit.MILLISECONDS);
                } else if (connect()) {
                    backoff.reset();
                    whenConnected.run();
                } else {
                    stopped.await(backoff.nextMs(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            leave();
        }
    }

    private boolean connect() {
        leave();
        try {
            MqttAsyncClient fresh = new MqttAsyncClient(broker.clientUrl(), clientId, new MemoryPersistence());
            client = fresh;
            MqttConnectionOptions options = broker.options(KEEP_ALIVE_SECONDS);
            options.setCleanStart(true);
            options.setSessionExpiryInterval(0L);
            fresh.connect(options).waitForCompletion(ANSWER_MS);
            return true;
        } catch (MqttException | IOException e) {
            LOG.debug("field broker {} takes no orders yet", broker, e);
            return false;
        }
    }

    private void leave() {
        MqttAsyncClient old = client;
        client = null;
        if (old == null) {
            return;
        }
        try {
            old.disconnectForcibly(0, 500, true);
        } catch (MqttException e) {
            LOG.debug("leaving the field broker", e);
        }
        try {
            old.close(true);
        } catch (MqttException e) {
            LOG.debug("closing the client", e);
        }
    }

    @Override
    public void close() {
        stopped.countDown();
        try {
            thread.join(3_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

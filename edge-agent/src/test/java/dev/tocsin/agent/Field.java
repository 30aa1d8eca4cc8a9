package dev.tocsin.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.elements.exception.ConnectorException;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;

/**
 * Sensors that send without a pause, each reading a number of its own ({@link Archive#SCALE}). Those that speak MQTT give
 * no time: only the message itself tells that it comes again. Those that speak CoAP give one, and send a reading until
 * they are told that it was taken.
 */
final class Field implements AutoCloseable {
    private final List<Thread> threads = new ArrayList<>();
    private final Map<String, Integer> sent = new ConcurrentHashMap<>();
    private volatile boolean sending = true;
    private volatile Throwable fault;

    private interface Job {
        void run() throws Exception;
    }

    Field(String brokerUrl, int mqttSensors, long everyMicros, int coapPort, int coapSensors) {
        // Or no client can be made in a virtual machine in which no other test did it before.
        CoapConfig.register();
        for (int i = 1; i <= mqttSensors; i++) {
            String device = "mqtt-" + i;
            start(() -> publish(brokerUrl, device, everyMicros));
        }
        for (int i = 1; i <= coapSensors; i++) {
            String device = "coap-" + i;
            start(() -> post(coapPort, device));
        }
    }

    private void start(Job job) {
        Thread thread = new Thread(() -> {
            try {
                job.run();
            } catch (Exception e) {
                fault = e;
            }
        });
        threads.add(thread);
        thread.start();
    }

    private void publish(String url, String device, long everyMicros) throws Exception {
        MqttAsyncClient client = new MqttAsyncClient(url, device, new MemoryPersistence());
        client.connect(new MqttConnectionOptions()).waitForCompletion(10_000);
        for (int number = 0; sending; number++) {
            String payload = "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":" + number / Archive.SCALE + "}]";
            client.publish("sensors/" + device, payload.getBytes(StandardCharsets.UTF_8), 1, false)
                    .waitForCompletion(10_000);
            sent.put(device, number + 1);
            TimeUnit.MICROSECONDS.sleep(everyMicros);
        }
        client.disconnectForcibly(0, 500, false);
        client.close(true);
    }

    private void post(int port, String device) throws Exception {
        CoapClient client = new CoapClient("coap://127.0.0.1:" + port + "/sensors/" + device);
        client.setTimeout(1_500L);
        for (int number = 0; sending; number++) {
            String payload = "[{\"bt\":" + System.currentTimeMillis() / 1000.0
                    + ",\"n\":\"temperature\",\"u\":\"Cel\",\"v\":" + number / Archive.SCALE + "}]";
            while (!isTaken(client, payload)) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
            sent.put(device, number + 1);
        }
        client.shutdown();
    }

    private static boolean isTaken(CoapClient client, String payload) {
        try {
            CoapResponse response = client.post(payload, 110);
            return response != null && response.isSuccess();
        } catch (ConnectorException | IOException e) {
            // The port is closed while the agent is dead.
            return false;
        }
    }

    /** Ends the sending; everything that was sent was acknowledged then. */
    Map<String, Integer> stop() throws InterruptedException {
        sending = false;
        for (Thread thread : threads) {
            thread.join();
        }
        if (fault != null) {
            throw new IllegalStateException("a sensor failed", fault);
        }
        return new TreeMap<>(sent);
    }

    int total() {
        return sent.values().stream().mapToInt(Integer::intValue).sum();
    }

    @Override
    public void close() throws InterruptedException {
        sending = false;
        for (Thread thread : threads) {
            thread.join(5_000);
        }
    }
}

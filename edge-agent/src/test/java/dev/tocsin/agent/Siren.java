package dev.tocsin.agent;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.eclipse.paho.mqttv5.common.MqttException;

/** Something in the field that hears a topic. */
final class Siren implements AutoCloseable {
    /** What it was told, in order. */
    final List<String> orders = Collections.synchronizedList(new ArrayList<>());

    private final Subscriber subscriber;

    Siren(String url, String topic) throws MqttException {
        subscriber = new Subscriber(
                url,
                "siren-" + System.nanoTime(),
                topic,
                (heard, payload) -> orders.add(new String(payload, StandardCharsets.UTF_8)));
    }

    @Override
    public void close() throws MqttException {
        subscriber.close();
    }
}

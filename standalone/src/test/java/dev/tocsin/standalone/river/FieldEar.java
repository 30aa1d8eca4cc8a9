package dev.tocsin.standalone.river;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.paho.mqttv5.common.MqttException;

/** Something in the field that hears one topic, as a siren does. Thread-safe. */
final class FieldEar implements AutoCloseable {
    private final Subscriber subscriber;
    private final List<Heard> heard = new CopyOnWriteArrayList<>();

    record Heard(String text, long atNanos) {}

    FieldEar(String url, String user, String password, String topic) throws MqttException {
        subscriber = new Subscriber(
                url,
                user,
                user,
                password,
                topic,
                payload -> heard.add(new Heard(new String(payload, StandardCharsets.UTF_8), System.nanoTime())));
    }

    /** In order. */
    List<Heard> heard() {
        return heard;
    }

    @Override
    public void close() throws MqttException {
        subscriber.close();
    }
}

package dev.tocsin.standalone.river;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;

/** Hears every publication on a topic of alerts through a persistent session. Thread-safe. */
final class AlertTopic implements AutoCloseable {
    private final Subscriber subscriber;
    private final List<Alert> publications = new ArrayList<>();
    private final Map<String, Long> firstHeardNanos = new ConcurrentHashMap<>();

    AlertTopic(String brokerUrl, String clientId, String user, String password, String filter) throws MqttException {
        subscriber = new Subscriber(brokerUrl, clientId, user, password, filter, this::heard);
    }

    /** Everything heard so far, in order; a publication may be heard twice after a broken connection. */
    List<Alert> publications() {
        synchronized (publications) {
            return List.copyOf(publications);
        }
    }

    List<Alert> of(String device) {
        return publications().stream().filter(a -> a.device().equals(device)).toList();
    }

    /** {@link System#nanoTime} of the first publication of an alert; null while there is none. */
    @Nullable
    Long firstHeardNanos(String id) {
        return firstHeardNanos.get(id);
    }

    private void heard(byte[] payload) {
        Alert alert = AlertJson.read(payload);
        firstHeardNanos.putIfAbsent(alert.id(), System.nanoTime());
        synchronized (publications) {
            publications.add(alert);
        }
    }

    @Override
    public void close() throws MqttException {
        subscriber.close();
    }
}

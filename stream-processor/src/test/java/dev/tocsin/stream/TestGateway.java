package dev.tocsin.stream;

import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.profiles.wire.UplinkCodec;
import dev.tocsin.stream.broker.BrokerAccess;
import java.util.List;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;

/** Publishes what an agent would. */
public final class TestGateway implements AutoCloseable {
    private final MqttAsyncClient client;
    private final int shards;
    private final String gateway;

    public TestGateway(BrokerAccess broker, String gateway, int shards) throws MqttException {
        this.gateway = gateway;
        this.shards = shards;
        client = new MqttAsyncClient(broker.url(), "test-" + gateway, new MemoryPersistence());
        client.connect(new MqttConnectionOptions()).waitForCompletion(5_000);
    }

    public void send(Lane lane, byte[] payload) throws MqttException {
        publish(Topics.up(Topics.shardOf(gateway, shards), gateway, lane), payload, lane == Lane.STATUS);
    }

    public void publish(String topic, byte[] payload, boolean retained) throws MqttException {
        client.publish(topic, payload, 1, retained).waitForCompletion(5_000);
    }

    /** A batch of one reading. */
    public static byte[] batch(
            String epoch, long sequence, String device, String profile, String metric, double value, long atMs) {
        Reading reading = new Reading(device, metric, value, atMs, atMs, Quality.GOOD);
        byte[] block =
                UplinkCodec.encodeBlock(List.of(DeviceReadings.of(device, profile, false, sequence, List.of(reading))));
        return UplinkCodec.encodeBatch(epoch, List.of(), List.of(block));
    }

    @Override
    public void close() throws MqttException {
        if (client.isConnected()) {
            client.disconnect().waitForCompletion(5_000);
        }
        client.close();
    }
}

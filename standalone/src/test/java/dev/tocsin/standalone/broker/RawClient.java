package dev.tocsin.standalone.broker;

import dev.tocsin.standalone.broker.conformance.BrokerUnderTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttProperty;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/** Sends what Paho would refuse to write. */
final class RawClient {
    private static final int PATIENCE_MS = 20_000;
    private static final int PUBACK = 4;

    private RawClient() {}

    /** Whether the broker closes the connection instead of acknowledging it. */
    static boolean isClosedBy(BrokerUnderTest broker, String topic, MqttProperty<?>... properties) throws IOException {
        MqttProperties all = new MqttProperties();
        Stream.of(properties).forEach(all::add);
        URI url = URI.create(broker.url());
        EmbeddedChannel encoder = new EmbeddedChannel(MqttEncoder.INSTANCE);
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            socket.setSoTimeout(PATIENCE_MS);
            send(
                    socket,
                    encoder,
                    MqttMessageBuilders.connect()
                            .protocolVersion(MqttVersion.MQTT_5)
                            .clientId("raw")
                            .cleanSession(true)
                            .username(broker.user())
                            .password(broker.password().getBytes(StandardCharsets.UTF_8))
                            .build());
            packet(socket.getInputStream());
            send(
                    socket,
                    encoder,
                    MqttMessageBuilders.publish()
                            .topicName(topic)
                            .qos(MqttQoS.AT_LEAST_ONCE)
                            .messageId(1)
                            .properties(all)
                            .payload(Unpooled.copiedBuffer("x", StandardCharsets.UTF_8))
                            .build());
            return packet(socket.getInputStream()) != PUBACK;
        } finally {
            encoder.finishAndReleaseAll();
        }
    }

    private static void send(Socket socket, EmbeddedChannel encoder, MqttMessage packet) throws IOException {
        encoder.writeOutbound(packet);
        ByteBuf bytes = encoder.readOutbound();
        socket.getOutputStream().write(ByteBufUtil.getBytes(bytes));
        bytes.release();
    }

    /** The kind of the next packet, -1 at the end. */
    private static int packet(InputStream in) throws IOException {
        int header = in.read();
        if (header >= 0) {
            in.readNBytes(in.read());
        }
        return header < 0 ? -1 : header >> 4;
    }
}

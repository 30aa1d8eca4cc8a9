package dev.tocsin.standalone.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.UserProperties;
import io.netty.handler.codec.mqtt.MqttPubAckMessage;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Connections of many sensors on one thread. A client with four threads for each of 200 connections would take more of
 * the two cores than the broker that it measures. QoS 1 over MQTT 5, a bounded number of messages un-acknowledged on each
 * connection; a connection that ends stays ended, and what it still owed is never counted as acknowledged.
 */
final class Sensors implements AutoCloseable {
    private static final int KEEP_ALIVE_SECONDS = 60;
    private static final int CONNECT_WITHIN_SECONDS = 10;
    /** Reason codes from here on are refusals. */
    private static final int REFUSED = 0x80;

    private static final int MAX_PACKET_BYTES = 1 << 16;
    private static final int PACKET_IDS = 65_535;

    private final EventLoopGroup loop = new NioEventLoopGroup(1);
    private final List<Sensor> sensors = new ArrayList<>();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    /** Who the sensors are; a bench's own, so that the same load can come from another user. */
    record Access(String brokerUrl, String user, String password) {
        /** Of a URL that may hold user and password: {@code tcp://user:password@host:port}. */
        static Access of(String url) {
            URI uri = URI.create(url);
            String info = uri.getUserInfo();
            if (info == null) {
                return new Access(url, "", "");
            }
            String[] parts = info.split(":", 2);
            return new Access(
                    uri.getScheme() + "://" + uri.getHost() + ":" + uri.getPort(),
                    parts[0],
                    parts.length > 1 ? parts[1] : "");
        }
    }

    /**
     * Connects all of them.
     *
     * @param window most messages un-acknowledged on one connection, 1 to 60,000
     * @throws IOException when the broker is away or refuses one
     */
    Sensors(Access access, String clientIdPrefix, int count, int window) throws IOException, InterruptedException {
        try {
            List<CompletableFuture<Sensor>> connecting = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                connecting.add(connect(access, clientIdPrefix + i, window));
            }
            for (CompletableFuture<Sensor> one : connecting) {
                sensors.add(one.get(CONNECT_WITHIN_SECONDS, TimeUnit.SECONDS));
            }
        } catch (ExecutionException | TimeoutException e) {
            close();
            throw new IOException("a sensor of the bench could not connect to " + access.brokerUrl() + ": " + e, e);
        }
    }

    int count() {
        return sensors.size();
    }

    /** Messages acknowledged on all connections so far. */
    long acknowledged() {
        return acknowledged.get();
    }

    /** Messages that the broker answered with a refusal. */
    long refused() {
        return refused.get();
    }

    /** Sends one message; waits while the connection's window is full. One thread at a time for each sensor. */
    void publish(int sensor, String topic, byte[] payload, Map<String, String> properties) throws InterruptedException {
        sensors.get(sensor).publish(topic, payload, properties);
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, CONNECT_WITHIN_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private CompletableFuture<Sensor> connect(Access access, String clientId, int window) {
        URI broker = URI.create(access.brokerUrl());
        Sensor sensor = new Sensor(access, clientId, window);
        new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new MqttDecoder(MAX_PACKET_BYTES), MqttEncoder.INSTANCE, sensor);
                    }
                })
                .connect(broker.getHost(), broker.getPort())
                .addListener(done -> {
                    if (!done.isSuccess()) {
                        sensor.connected.completeExceptionally(done.cause());
                    }
                });
        return sensor.connected;
    }

    /** One connection; its channel's events come on the one thread. */
    private final class Sensor extends SimpleChannelInboundHandler<MqttMessage> {
        private final Access access;
        private final String clientId;
        private final Semaphore window;
        private final CompletableFuture<Sensor> connected = new CompletableFuture<>();
        private volatile @Nullable Channel channel;
        private int packetId;

        Sensor(Access access, String clientId, int window) {
            this.access = access;
            this.clientId = clientId;
            this.window = new Semaphore(window);
        }

        void publish(String topic, byte[] payload, Map<String, String> properties) throws InterruptedException {
            window.acquire();
            Channel to = Objects.requireNonNull(channel, "connected before it is given to anybody");
            UserProperties own = new UserProperties();
            properties.forEach(own::add);
            MqttProperties all = new MqttProperties();
            all.add(own);
            packetId = packetId % PACKET_IDS + 1;
            to.writeAndFlush(
                    new MqttPublishMessage(
                            new MqttFixedHeader(MqttMessageType.PUBLISH, false, MqttQoS.AT_LEAST_ONCE, false, 0),
                            new MqttPublishVariableHeader(topic, packetId, all),
                            Unpooled.wrappedBuffer(payload)),
                    to.voidPromise());
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            channel = context.channel();
            context.writeAndFlush(MqttMessageBuilders.connect()
                    .protocolVersion(MqttVersion.MQTT_5)
                    .clientId(clientId)
                    .cleanSession(true)
                    .keepAlive(KEEP_ALIVE_SECONDS)
                    .username(access.user())
                    .password(access.password().getBytes(StandardCharsets.UTF_8))
                    .build());
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, MqttMessage message) {
            if (message instanceof MqttConnAckMessage answer) {
                MqttConnectReturnCode code = answer.variableHeader().connectReturnCode();
                if (code == MqttConnectReturnCode.CONNECTION_ACCEPTED) {
                    connected.complete(this);
                } else {
                    connected.completeExceptionally(new IOException("refused: " + code));
                }
            } else if (message.variableHeader() instanceof MqttPubReplyMessageVariableHeader reply) {
                (Byte.toUnsignedInt(reply.reasonCode()) < REFUSED ? acknowledged : refused).incrementAndGet();
                window.release();
            } else if (message instanceof MqttPubAckMessage) {
                acknowledged.incrementAndGet();
                window.release();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            connected.completeExceptionally(new IOException("the broker ended the connection"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            connected.completeExceptionally(cause);
            context.close();
        }
    }
}

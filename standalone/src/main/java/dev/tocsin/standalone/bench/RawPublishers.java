package dev.tocsin.standalone.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Many sensors' connections on one thread, each publishing at QoS 1 as fast as its window allows. Whatever of a window is
 * free is written at once, so that the sensors' side takes as little of the cores as it can.
 */
final class RawPublishers implements AutoCloseable {
    private static final int CONNECT_WITHIN_MS = 10_000;
    private static final int IN_BYTES = 16 * 1024;
    private static final int OUT_BYTES = 64 * 1024;
    /** Reason codes from here on are refusals. */
    private static final int REFUSED = 0x80;

    private final Selector selector = Selector.open();
    private final List<Sensor> sensors = new ArrayList<>();
    private final int window;
    private final AtomicLong published = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();

    /**
     * Connects all of them.
     *
     * @param messages one for each sensor
     * @param window most messages un-acknowledged of one sensor
     */
    RawPublishers(Sensors.Access access, String clientIdPrefix, List<PublishTemplate> messages, int window)
            throws IOException {
        this.window = window;
        URI broker = URI.create(access.brokerUrl());
        InetSocketAddress address = new InetSocketAddress(broker.getHost(), broker.getPort());
        try {
            for (int i = 0; i < messages.size(); i++) {
                SocketChannel channel = SocketChannel.open();
                sensors.add(new Sensor(channel, messages.get(i)));
                channel.socket().connect(address, CONNECT_WITHIN_MS);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.write(ByteBuffer.wrap(RawMqtt.connect(access, clientIdPrefix + i)));
            }
            for (Sensor sensor : sensors) {
                sensor.awaitConnected();
                sensor.channel.configureBlocking(false);
                sensor.key = sensor.channel.register(selector, SelectionKey.OP_READ, sensor);
            }
        } catch (IOException e) {
            close();
            throw new IOException("a sensor of the bench could not connect to " + access.brokerUrl() + ": " + e, e);
        }
    }

    long published() {
        return published.get();
    }

    /** By the broker. */
    long acknowledged() {
        return acknowledged.get();
    }

    /**
     * Publishes until told to stop; for one thread.
     *
     * @param mayPublish whether the receiving side keeps up; asked again and again
     */
    void run(BooleanSupplier running, BooleanSupplier mayPublish) throws IOException {
        while (running.getAsBoolean()) {
            if (mayPublish.getAsBoolean()) {
                for (Sensor sensor : sensors) {
                    sensor.fill();
                }
            }
            selector.select(
                    key -> {
                        try {
                            ((Sensor) key.attachment()).ready(key);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    1);
        }
    }

    @Override
    public void close() throws IOException {
        for (Sensor sensor : sensors) {
            sensor.channel.close();
        }
        selector.close();
    }

    private final class Sensor {
        private final SocketChannel channel;
        private final PublishTemplate message;
        private final ByteBuffer in = ByteBuffer.allocateDirect(IN_BYTES);
        private final ByteBuffer out = ByteBuffer.allocateDirect(OUT_BYTES);
        private @Nullable SelectionKey key;
        private int unacknowledged;
        private boolean connected;

        Sensor(SocketChannel channel, PublishTemplate message) {
            this.channel = channel;
            this.message = message;
        }

        void awaitConnected() throws IOException {
            while (!connected) {
                read();
            }
        }

        /** Writes what the window has room for. */
        void fill() throws IOException {
            if (out.position() > 0) {
                return;
            }
            int some = 0;
            while (unacknowledged < window && out.remaining() >= message.size()) {
                message.next(out);
                unacknowledged++;
                some++;
            }
            if (some > 0) {
                published.addAndGet(some);
                write();
            }
        }

        private void write() throws IOException {
            out.flip();
            channel.write(out);
            out.compact();
            SelectionKey registered = key;
            if (registered != null) {
                registered.interestOps(
                        out.position() > 0 ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
            }
        }

        void ready(SelectionKey ready) throws IOException {
            if (ready.isWritable()) {
                write();
            }
            if (ready.isReadable()) {
                read();
            }
        }

        private void read() throws IOException {
            if (channel.read(in) < 0) {
                throw new EOFException("the broker ended the connection of a sensor");
            }
            in.flip();
            RawMqtt.parse(in, this::packet);
            in.compact();
        }

        private void packet(int type, int flags, ByteBuffer body) throws IOException {
            if (type == RawMqtt.CONNACK) {
                int reason = body.get(body.position() + 1) & 0xff;
                if (reason != 0) {
                    throw new IOException("refused with " + reason);
                }
                connected = true;
            } else if (type == RawMqtt.PUBACK) {
                int reason = body.remaining() > 2 ? body.get(body.position() + 2) & 0xff : 0;
                if (reason >= REFUSED) {
                    throw new IOException("the broker refused a message with " + reason);
                }
                unacknowledged--;
                acknowledged.incrementAndGet();
            }
        }
    }
}

package dev.tocsin.standalone.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Counts and acknowledges what arrives, and does nothing else with it: the least that any receiver can cost. */
final class RawSubscriber implements AutoCloseable {
    private static final int IN_BYTES = 1024 * 1024;
    private static final int OUT_BYTES = 64 * 1024;
    private static final int QOS_BITS = 6;
    private static final int CONNECT_WITHIN_MS = 10_000;

    private final SocketChannel channel = SocketChannel.open();
    private final ByteBuffer in = ByteBuffer.allocateDirect(IN_BYTES);
    private final ByteBuffer out = ByteBuffer.allocateDirect(OUT_BYTES);
    private final AtomicLong received = new AtomicLong();
    private final CountDownLatch subscribed = new CountDownLatch(1);

    private final @Nullable Messages to;

    /** Takes what arrives, on the subscriber's thread. */
    interface Messages {
        /** @param payload for the time of this call */
        void message(String topic, ByteBuffer payload);
    }

    /**
     * Connects, and returns when it is subscribed.
     *
     * @param to nothing, where it is enough to count
     */
    RawSubscriber(Sensors.Access access, String clientId, String filter, @Nullable Messages to)
            throws IOException, InterruptedException {
        this.to = to;
        URI broker = URI.create(access.brokerUrl());
        channel.socket().connect(new InetSocketAddress(broker.getHost(), broker.getPort()), CONNECT_WITHIN_MS);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.write(ByteBuffer.wrap(RawMqtt.connect(access, clientId)));
        channel.write(ByteBuffer.wrap(RawMqtt.subscribe(filter)));
        Thread thread = new Thread(this::read, "raw-subscriber");
        thread.setDaemon(true);
        thread.start();
        if (!subscribed.await(CONNECT_WITHIN_MS, TimeUnit.MILLISECONDS)) {
            close();
            throw new IOException("no subscription to " + filter + " at " + access.brokerUrl());
        }
    }

    /** Messages so far. */
    long received() {
        return received.get();
    }

    private void read() {
        try {
            while (true) {
                if (channel.read(in) < 0) {
                    throw new EOFException();
                }
                in.flip();
                RawMqtt.parse(in, this::packet);
                in.compact();
                acknowledge();
            }
        } catch (IOException e) {
            // Closed by the bench, or the broker ended: whoever counts sees that nothing comes any more.
        }
    }

    private void packet(int type, int flags, ByteBuffer body) throws IOException {
        if (type == RawMqtt.SUBACK) {
            subscribed.countDown();
        } else if (type == RawMqtt.PUBLISH) {
            received.incrementAndGet();
            int topicLength = body.getShort();
            int topicAt = body.position();
            body.position(topicAt + topicLength);
            if ((flags & QOS_BITS) != 0) {
                int idAt = topicAt + topicLength;
                body.position(idAt + 2);
                if (out.remaining() < 4) {
                    acknowledge();
                }
                out.put((byte) 0x40).put((byte) 2).put(body.get(idAt)).put(body.get(idAt + 1));
            }
            if (to != null) {
                byte[] topic = new byte[topicLength];
                body.get(topicAt, topic);
                body.position(body.position() + 1 + body.get(body.position()));
                to.message(new String(topic, StandardCharsets.UTF_8), body);
            }
        }
    }

    private void acknowledge() throws IOException {
        out.flip();
        while (out.hasRemaining()) {
            channel.write(out);
        }
        out.clear();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

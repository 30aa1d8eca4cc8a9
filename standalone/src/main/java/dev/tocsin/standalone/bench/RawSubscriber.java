package dev.tocsin.standalone.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Counts and acknowledges what arrives, and does nothing else with it: the least that any receiver can cost. */
final class RawSubscriber implements AutoCloseable {
    private static final int IN_BYTES = 1024 * 1024;
    private static final int OUT_BYTES = 64 * 1024;
    private static final int QOS_BITS = 6;
    private static final int PUBACK_BYTES = 4;
    /** Reason codes from here on are refusals. */
    private static final int REFUSED = 0x80;

    private static final int CONNECT_WITHIN_MS = 10_000;

    private final SocketChannel channel = SocketChannel.open();
    private final ByteBuffer in = ByteBuffer.allocateDirect(IN_BYTES);
    private final ByteBuffer out = ByteBuffer.allocateDirect(OUT_BYTES);
    private final AtomicLong received = new AtomicLong();
    private final CountDownLatch subscribed = new CountDownLatch(1);

    /** Connects, and returns when it is subscribed. */
    RawSubscriber(Sensors.Access access, String clientId, String filter) throws IOException, InterruptedException {
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
            if ((body.get(body.limit() - 1) & 0xff) >= REFUSED) {
                throw new IOException("the subscription is refused");
            }
            subscribed.countDown();
        } else if (type == RawMqtt.PUBLISH) {
            received.incrementAndGet();
            if ((flags & QOS_BITS) != 0) {
                int idAt = body.position() + 2 + body.getShort(body.position());
                if (out.remaining() < PUBACK_BYTES) {
                    acknowledge();
                }
                out.put((byte) 0x40).put((byte) 2).put(body.get(idAt)).put(body.get(idAt + 1));
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

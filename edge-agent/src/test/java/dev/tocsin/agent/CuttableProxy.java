package dev.tocsin.agent;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A TCP way to a broker that can be cut and mended. */
final class CuttableProxy implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;
    /** Bytes vanish and nobody is told, as when a cable is pulled. */
    private volatile boolean silent;
    /** Of every piece that comes through, each way. */
    private volatile long delayMs;
    /** Of a thousand pieces that come through: so many wait as for a packet that TCP sends again. */
    private volatile int lostPerMille;

    private final Random random = new Random(4711);

    private static final long SENT_AGAIN_AFTER_MS = 400;
    private static final Piece END = new Piece(new byte[0], 0);

    private record Piece(byte[] bytes, long dueNanos) {}

    CuttableProxy(int target) throws IOException {
        this.target = target;
        start(this::accept);
    }

    String url() {
        return "tcp://127.0.0.1:" + server.getLocalPort();
    }

    void cut() throws IOException {
        cut = true;
        for (Socket socket : open) {
            socket.close();
        }
    }

    void silence() {
        silent = true;
    }

    /** A long line. */
    void delay(long ms) {
        delayMs = ms;
    }

    /**
     * A bad line: a piece that is lost stands still for {@link #SENT_AGAIN_AFTER_MS}, and every tenth of them ends the
     * connection, as TCP does when it has tried often enough.
     */
    void lose(int perMille) {
        lostPerMille = perMille;
    }

    void mend() {
        silent = false;
        cut = false;
        delayMs = 0;
        lostPerMille = 0;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket in = server.accept();
                if (cut) {
                    in.close();
                    continue;
                }
                Socket out = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(in);
                open.add(out);
                start(() -> pump(in, out));
                start(() -> pump(out, in));
            } catch (IOException e) {
                // Closed, or the broker is not there: the client sees a dead connection, as it would.
            }
        }
    }

    private void pump(Socket from, Socket to) {
        BlockingQueue<Piece> onTheWay = new LinkedBlockingQueue<>();
        start(() -> deliver(onTheWay, to));
        try (from) {
            InputStream in = from.getInputStream();
            byte[] buffer = new byte[8192];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (!silent) {
                    onTheWay.add(new Piece(Arrays.copyOf(buffer, n), System.nanoTime() + delayMs * 1_000_000));
                }
            }
        } catch (IOException e) {
            // Cut.
        } finally {
            open.remove(from);
            onTheWay.add(END);
        }
    }

    private void deliver(BlockingQueue<Piece> onTheWay, Socket to) {
        try (to) {
            for (Piece piece = onTheWay.take(); piece.bytes().length > 0; piece = onTheWay.take()) {
                long waitNanos = piece.dueNanos() - System.nanoTime();
                if (random.nextInt(1_000) < lostPerMille) {
                    if (random.nextInt(10) == 0) {
                        return;
                    }
                    waitNanos += SENT_AGAIN_AFTER_MS * 1_000_000;
                }
                TimeUnit.NANOSECONDS.sleep(waitNanos);
                to.getOutputStream().write(piece.bytes());
            }
        } catch (IOException e) {
            // Cut.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(to);
        }
    }

    private static void start(Runnable runnable) {
        Thread thread = new Thread(runnable, "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }
}

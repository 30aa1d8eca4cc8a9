package dev.tocsin.standalone.river;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** A TCP way to a port of this machine, with the faults that lines have. Thread-safe. */
final class FaultyLine implements AutoCloseable {
    /** What TCP makes of a lost segment: the rest waits until it was sent again, after RFC 6298's least timeout or two. */
    private static final long RETRANSMISSION_MS = 200;

    private final ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile Fault fault = Fault.NONE;

    enum Fault {
        NONE,
        /** Connections are torn down, and no new one stands. */
        RESET,
        /** Bytes vanish and nobody is told, as when a cable is pulled. */
        BLACK_HOLE,
        /** Everything takes 500 ms longer, each way. */
        LATENCY,
        /** One in a hundred segments is lost. */
        LOSS;

        boolean cutsOff() {
            return this == RESET || this == BLACK_HOLE;
        }
    }

    /** Bytes on their way; the end of the stream has none. */
    private record Segment(byte[] bytes, long dueNanos) {}

    FaultyLine(int target) throws IOException {
        this.target = target;
        start(this::accept);
    }

    String url() {
        return "tcp://127.0.0.1:" + server.getLocalPort();
    }

    void suffer(Fault now) throws IOException {
        fault = now;
        if (now == Fault.RESET) {
            for (Socket socket : open) {
                reset(socket);
            }
        }
    }

    /** Without a farewell. */
    private static void reset(Socket socket) throws IOException {
        try {
            socket.setSoLinger(true, 0);
        } catch (SocketException e) {
            // Its other half was quicker to close it.
        }
        socket.close();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket near = server.accept();
                if (fault == Fault.RESET) {
                    reset(near);
                    continue;
                }
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                open.add(near);
                open.add(far);
                carry(near, far);
                carry(far, near);
            } catch (IOException e) {
                // Closed, or nobody is there: the client sees a dead connection, as it would.
            }
        }
    }

    private void carry(Socket from, Socket to) {
        BlockingQueue<Segment> way = new LinkedBlockingQueue<>();
        start(() -> {
            try {
                InputStream in = from.getInputStream();
                byte[] buffer = new byte[1_400];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (fault != Fault.BLACK_HOLE) {
                        way.add(new Segment(java.util.Arrays.copyOf(buffer, n), System.nanoTime() + delayNanos()));
                    }
                }
            } catch (IOException e) {
                // Cut.
            }
            way.add(new Segment(new byte[0], System.nanoTime()));
        });
        start(() -> {
            try (from;
                    to) {
                OutputStream out = to.getOutputStream();
                for (Segment next = way.take(); next.bytes().length > 0; next = way.take()) {
                    TimeUnit.NANOSECONDS.sleep(next.dueNanos() - System.nanoTime());
                    out.write(next.bytes());
                }
            } catch (IOException e) {
                // Cut.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                open.remove(from);
                open.remove(to);
            }
        });
    }

    private long delayNanos() {
        long ms = 0;
        if (fault == Fault.LATENCY) {
            ms = 500;
        } else if (fault == Fault.LOSS) {
            for (long again = RETRANSMISSION_MS; ThreadLocalRandom.current().nextInt(100) == 0; again *= 2) {
                ms += again;
            }
        }
        return TimeUnit.MILLISECONDS.toNanos(ms);
    }

    private static void start(Runnable runnable) {
        Thread thread = new Thread(runnable, "faulty-line");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        suffer(Fault.RESET);
    }
}

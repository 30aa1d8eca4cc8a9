package dev.tocsin.agent.acquire;

import dev.tocsin.profiles.wire.PromptSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to one field broker, by which acknowledgements leave many at once. The client would make an object and a
 * queue entry of each, wake a thread and write four bytes to the system; here those of a whole commit are one write. They
 * go between the packets that the client itself sends, on a thread of their own: a broker that does not read holds up
 * nobody else.
 */
final class FieldSocket extends PromptSocket {
    private static final Logger LOG = LoggerFactory.getLogger(FieldSocket.class);
    /** MQTT 5, 3.4: without reason code and properties it is a success. */
    private static final int PUBACK_BYTES = 4;

    private static final byte PUBACK = 0x40;
    private static final byte PUBACK_REST = 2;
    /** More packet ids there are not. */
    private static final int MAX_IDS = 65_535;

    private final Object order = new Object();
    private @Nullable Packets packets;

    // Guarded by order.
    private int[] ids = new int[Intake.RECEIVE_MAXIMUM];
    private int waiting;
    private boolean writing;
    private boolean over;

    FieldSocket(@Nullable SSLSocketFactory tls) {
        super(tls);
    }

    /** Sends the acknowledgement of a message at QoS 1; returns at once. */
    void acknowledge(int packetId) {
        synchronized (order) {
            if (over) {
                return;
            }
            if (waiting == MAX_IDS) {
                LOG.error("the field broker gives one packet id to two messages: the connection is let go");
                end();
                return;
            }
            if (waiting == ids.length) {
                ids = Arrays.copyOf(ids, Math.min(MAX_IDS, waiting * 2));
            }
            ids[waiting++] = packetId;
            if (waiting == 1) {
                order.notifyAll();
            }
        }
    }

    /** Returns when every acknowledgement until now is written, or never will be. */
    void awaitAcknowledged() throws InterruptedException {
        synchronized (order) {
            while ((waiting > 0 || writing) && !over) {
                order.wait();
            }
        }
    }

    /** Begins to write acknowledgements as they come; ends with the socket. */
    void start(String threadName) {
        Thread thread = new Thread(this::writeAcknowledgements, threadName);
        thread.setDaemon(true);
        thread.start();
    }

    private void writeAcknowledgements() {
        byte[] bytes = new byte[PUBACK_BYTES * Intake.RECEIVE_MAXIMUM];
        try {
            while (true) {
                int length = 0;
                synchronized (order) {
                    writing = false;
                    order.notifyAll();
                    while (waiting == 0 && !over) {
                        order.wait();
                    }
                    if (over) {
                        return;
                    }
                    int some = Math.min(waiting, Intake.RECEIVE_MAXIMUM);
                    for (int i = 0; i < some; i++) {
                        bytes[length++] = PUBACK;
                        bytes[length++] = PUBACK_REST;
                        bytes[length++] = (byte) (ids[i] >> 8);
                        bytes[length++] = (byte) ids[i];
                    }
                    System.arraycopy(ids, some, ids, 0, waiting - some);
                    waiting -= some;
                    writing = true;
                }
                packets().writeBetween(bytes, length);
            }
        } catch (IOException e) {
            LOG.debug("acknowledgements did not leave; their messages come again by the next connection", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeQuietly();
        }
    }

    /** The client notices, and another connection is made. */
    private void closeQuietly() {
        try {
            close();
        } catch (IOException e) {
            LOG.debug("closing the connection to the field broker", e);
        }
    }

    private void end() {
        synchronized (order) {
            over = true;
            order.notifyAll();
        }
    }

    private Packets packets() throws IOException {
        synchronized (order) {
            if (packets == null) {
                packets = new Packets(super.getOutputStream());
            }
            return packets;
        }
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return packets();
    }

    @Override
    public synchronized void close() throws IOException {
        end();
        super.close();
        Packets written;
        synchronized (order) {
            written = packets;
        }
        if (written != null) {
            written.closed();
        }
    }

    /** What the client writes until it flushes is one packet, or several: nothing may come between. */
    private final class Packets extends OutputStream {
        private final OutputStream out;
        // Guarded by this.
        private boolean inPacket;

        Packets(OutputStream out) {
            this.out = out;
        }

        @Override
        public synchronized void write(int b) throws IOException {
            inPacket = true;
            out.write(b);
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
            inPacket = true;
            out.write(bytes, offset, length);
        }

        @Override
        public synchronized void flush() throws IOException {
            out.flush();
            inPacket = false;
            notifyAll();
        }

        synchronized void writeBetween(byte[] bytes, int length) throws IOException, InterruptedException {
            while (inPacket && !isClosed()) {
                wait();
            }
            out.write(bytes, 0, length);
        }

        synchronized void closed() {
            notifyAll();
        }

        @Override
        public void close() throws IOException {
            FieldSocket.this.close();
        }
    }
}

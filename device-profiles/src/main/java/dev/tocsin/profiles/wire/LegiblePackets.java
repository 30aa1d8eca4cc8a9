package dev.tocsin.profiles.wire;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * What an MQTT 5 broker sends, with each PUBLISH in a form that Paho mqttv5 1.2.5 can read. A character that MQTT advises
 * against in a topic or property, which a broker may pass on all the same, ends that client's receiving thread; a
 * property twice, or one of 32 KiB, its connection. At QoS 1 the broker then sends the same message first, for ever. Here
 * such a message is mended ({@link PublishHead}) and goes the way of every other: whoever takes it rejects what it cannot
 * use, and acknowledges it, as ever.
 *
 * <p>All other bytes pass as they are. No byte of a packet is handed out before what is examined of it is there, so that
 * it is held in memory: the fixed header, and of a PUBLISH topic and properties, which the broker's largest packet bounds.
 *
 * <p>For one thread. A read that ends in a {@link java.net.SocketTimeoutException} may be repeated.
 */
final class LegiblePackets extends InputStream {
    private static final int READ_AHEAD_BYTES = 16 * 1024;
    private static final int TYPE = 0xf0;
    private static final int PUBLISH = 0x30;
    /** MQTT 5, 1.5.5: one byte of the type and flags, then at most four of the length. */
    private static final int MAX_HEADER_BYTES = 5;

    private final InputStream in;
    private final PublishHead head = new PublishHead();
    private byte[] buffer = new byte[READ_AHEAD_BYTES];
    /** The next byte to be handed out, and behind the last one that may be, and that was read. */
    private int next;

    private int legible;
    private int end;
    /** Of the packet that was examined last: bytes from {@link #legible} on, read or not. */
    private long rest;

    LegiblePackets(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        return next < legible || pass() ? buffer[next++] & 0xff : -1;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (next == legible && !pass()) {
            return -1;
        }
        int some = Math.min(length, legible - next);
        System.arraycopy(buffer, next, to, offset, some);
        next += some;
        return some;
    }

    @Override
    public int available() throws IOException {
        // The client asks before each packet: no call to the system where bytes are here.
        return next < end ? end - next : in.available();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** Sees to bytes that may be handed out; false at the end. */
    private boolean pass() throws IOException {
        if (rest == 0 && !examine()) {
            rest = Long.MAX_VALUE;
        }
        if (next == end && !fill()) {
            return false;
        }
        int some = (int) Math.min(rest, end - next);
        legible = next + some;
        rest -= some;
        return true;
    }

    /** A new packet begins; false where it cannot be told where it ends: then all that follows passes unseen. */
    private boolean examine() throws IOException {
        int length = 0;
        int header = 1;
        byte digit;
        do {
            if (header == MAX_HEADER_BYTES || !require(header + 1)) {
                return false;
            }
            digit = buffer[next + header];
            length |= (digit & 0x7f) << (7 * (header - 1));
            header++;
        } while (digit < 0);
        int whole = header + length;
        if ((buffer[next] & TYPE) == PUBLISH) {
            // Each turn it knows more of where the head ends.
            int needed = head.read(buffer, next, end - next, header, whole);
            while (needed > end - next) {
                if (!require(needed)) {
                    return false;
                }
                needed = head.read(buffer, next, end - next, header, whole);
            }
            if (head.isAcknowledgeable() && !head.isLegible(buffer, next)) {
                whole += mend(whole);
            }
        }
        rest = whole;
        return true;
    }

    /** Puts a head that can be read in place of this one, and says by how many bytes it is longer. */
    private int mend(int whole) {
        byte[] mended = head.mended(buffer, next, whole);
        int behind = next + head.length();
        int read = end - behind;
        byte[] all = Arrays.copyOf(mended, Math.max(READ_AHEAD_BYTES, mended.length + read));
        System.arraycopy(buffer, behind, all, mended.length, read);
        buffer = all;
        next = 0;
        legible = 0;
        end = mended.length + read;
        return mended.length - head.length();
    }

    /** Whether so many bytes of the packet that begins at {@link #next} are there, or come. */
    private boolean require(int bytes) throws IOException {
        while (end - next < bytes) {
            if (!fill()) {
                return false;
            }
        }
        return true;
    }

    private boolean fill() throws IOException {
        if (next == end) {
            if (buffer.length > READ_AHEAD_BYTES) {
                buffer = new byte[READ_AHEAD_BYTES];
            }
            next = 0;
            end = 0;
        } else if (end == buffer.length) {
            // Nothing is left of an earlier packet: only the beginning of one is ever waited on.
            byte[] to = next > 0 ? buffer : new byte[2 * buffer.length];
            System.arraycopy(buffer, next, to, 0, end - next);
            end -= next;
            next = 0;
            buffer = to;
        }
        legible = next;
        int some = in.read(buffer, end, buffer.length - end);
        if (some < 0) {
            return false;
        }
        end += some;
        return true;
    }
}

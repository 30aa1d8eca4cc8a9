package dev.tocsin.standalone.bench;

import dev.tocsin.profiles.codec.Incoming;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The few MQTT 5 packets that a bench sends, as bytes. A client library takes more of the cores than the broker that is
 * measured; here a packet is made once and a few of its digits change.
 */
final class RawMqtt {
    static final int CONNACK = 2;
    static final int PUBLISH = 3;
    static final int PUBACK = 4;
    static final int SUBACK = 9;

    private static final int KEEP_ALIVE_S = 600;
    private static final int CLEAN_START = 0x02;
    private static final int USER = 0x80;
    private static final int PASSWORD = 0x40;
    private static final int RECEIVE_MAXIMUM = 0x21;
    private static final int USER_PROPERTY = 0x26;
    private static final int QOS_1 = 1;

    private RawMqtt() {}

    private interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    private static byte[] bytes(Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            body.write(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    private static byte[] packet(int header, Body body) {
        byte[] rest = bytes(body);
        return bytes(out -> {
            out.write(header);
            length(out, rest.length);
            out.write(rest);
        });
    }

    private static void length(DataOutputStream out, int length) throws IOException {
        int left = length;
        while (left >= 128) {
            out.write(left & 127 | 128);
            left >>>= 7;
        }
        out.write(left);
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(utf8.length);
        out.write(utf8);
    }

    /** @param access without a user where its user is empty */
    static byte[] connect(Sensors.Access access, String clientId) {
        boolean known = !access.user().isEmpty();
        return packet(0x10, out -> {
            text(out, "MQTT");
            out.write(5);
            out.write(CLEAN_START | (known ? USER | PASSWORD : 0));
            out.writeShort(KEEP_ALIVE_S);
            length(out, 3);
            out.write(RECEIVE_MAXIMUM);
            out.writeShort(65_535);
            text(out, clientId);
            if (known) {
                text(out, access.user());
                text(out, access.password());
            }
        });
    }

    static byte[] subscribe(String filter) {
        return packet(0x82, out -> {
            out.writeShort(1);
            out.write(0);
            text(out, filter);
            out.write(QOS_1);
        });
    }

    /** At QoS 1; the packet id stands right after the topic, see {@link #packetIdAt}. */
    static byte[] publish(String topic, String profile, byte[] payload) {
        byte[] property = bytes(out -> {
            out.write(USER_PROPERTY);
            text(out, Incoming.PROFILE);
            text(out, profile);
        });
        return packet(0x32, out -> {
            text(out, topic);
            out.writeShort(0);
            length(out, property.length);
            out.write(property);
            out.write(payload);
        });
    }

    static int packetIdAt(byte[] publish, String topic) {
        int header = 1;
        while ((publish[header++] & 128) != 0) {
            // Bytes of the length.
        }
        return header + 2 + topic.getBytes(StandardCharsets.UTF_8).length;
    }

    /** Takes packets as they arrive, in pieces or many at once. */
    interface Packets {
        /** @param body from its position to its limit, for the time of this call */
        void packet(int type, int flags, ByteBuffer body) throws IOException;
    }

    /** Hands out the whole packets that lie in {@code in}, which is in reading position, and leaves the rest there. */
    static void parse(ByteBuffer in, Packets to) throws IOException {
        while (in.remaining() >= 2) {
            int begin = in.position();
            int header = in.get() & 0xff;
            int length = 0;
            int shift = 0;
            boolean more = true;
            while (more && in.hasRemaining() && shift < 28) {
                int digit = in.get();
                length |= (digit & 127) << shift;
                shift += 7;
                more = (digit & 128) != 0;
            }
            if (more || in.remaining() < length) {
                in.position(begin);
                return;
            }
            int end = in.position() + length;
            int limit = in.limit();
            in.limit(end);
            to.packet(header >> 4, header & 15, in);
            in.limit(limit);
            in.position(end);
        }
    }
}

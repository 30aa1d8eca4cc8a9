package dev.tocsin.profiles.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/**
 * What stands before the payload of an MQTT 5 PUBLISH (3.3), held against what Paho mqttv5 1.2.5 reads, and mended where
 * it does not. Refused are, in topic and properties, the code points of {@link #isRefused(int)}; and properties that the
 * client does not know, has had, or reads past the end of. Bytes that are not UTF-8 it reads as U+FFFD. One object serves
 * all packets of a connection; positions count from the first byte of the packet. For one thread.
 */
final class PublishHead {
    private static final int QOS = 0x06;
    private static final int MAX_VARIABLE_BYTES = 4;
    private static final int MAX_TEXT_BYTES = 65_535;
    /** The client takes the length of correlation data for a number with a sign. */
    private static final int MAX_BINARY_BYTES = Short.MAX_VALUE;

    private static final int PAYLOAD_FORMAT = 1;
    private static final int EXPIRY = 2;
    private static final int CONTENT_TYPE = 3;
    private static final int RESPONSE_TOPIC = 8;
    private static final int CORRELATION_DATA = 9;
    private static final int SUBSCRIPTION = 11;
    private static final int TOPIC_ALIAS = 35;
    private static final int USER_PROPERTY = 38;

    // Of the packet that was read last.
    private int topic;
    private int topicEnd;
    private int idEnd;
    private int properties;
    private int end;
    /** The packet id, and before it the topic, can be read. */
    private boolean acknowledgeable;
    /** It is told where the properties end, and all of them can be. */
    private boolean followed;

    /**
     * Finds its way through a packet of which a part is there.
     *
     * @param at where the packet begins in {@code bytes}
     * @param there how many of its bytes are there
     * @param header how long its fixed header is, which is there
     * @param whole how long it is
     * @return how many of its bytes have to be there to come further; at most {@code there} when it is done
     */
    int read(byte[] bytes, int at, int there, int header, int whole) {
        acknowledgeable = false;
        followed = false;
        topic = header + 2;
        if (topic > whole) {
            return 0;
        }
        if (topic > there) {
            return topic;
        }
        topicEnd = topic + unsignedShort(bytes, at + header);
        idEnd = topicEnd + ((bytes[at] & QOS) == 0 ? 0 : 2);
        if (idEnd > whole) {
            return 0;
        }
        acknowledgeable = true;
        properties = idEnd;
        end = idEnd;
        int lengthEnd = idEnd;
        do {
            if (lengthEnd == whole || lengthEnd - idEnd == MAX_VARIABLE_BYTES) {
                return end;
            }
            lengthEnd++;
            if (lengthEnd > there) {
                return lengthEnd;
            }
        } while (bytes[at + lengthEnd - 1] < 0);
        int length = variable(bytes, at + idEnd);
        if (lengthEnd + length <= whole) {
            properties = lengthEnd;
            end = lengthEnd + length;
            followed = true;
        }
        return end;
    }

    /** Whether it can be mended: of what cannot be acknowledged the client lets the connection go, as MQTT has it. */
    boolean isAcknowledgeable() {
        return acknowledgeable;
    }

    /** Up to the payload. */
    int length() {
        return end;
    }

    boolean isLegible(byte[] bytes, int at) {
        if (!followed || !isClean(bytes, at + topic, at + topicEnd)) {
            return false;
        }
        long had = 0;
        int to = at + end;
        for (int property = at + properties; property < to; ) {
            int id = bytes[property];
            int valueEnd = valueEnd(bytes, property, to);
            if (valueEnd < 0
                    || !mayStay(id, property, valueEnd, had)
                    || isText(id) && !areClean(bytes, property + 1, valueEnd)) {
                return false;
            }
            had |= 1L << id;
            property = valueEnd;
        }
        return true;
    }

    /**
     * The fixed header and the head such that the client can read them: refused characters are U+FFFD; a property that it
     * refuses is left out. Where not all properties can be told, nobody knows what the rest of the packet is: its topic
     * then begins with U+FFFD, by which the agent tells that it is nobody's.
     */
    byte[] mended(byte[] bytes, int at, int whole) {
        Set<String> why = new TreeSet<>();
        byte[] kept = keptProperties(bytes, at, why);
        String name = text(bytes, at + topic, at + topicEnd);
        String legible = legible(name);
        if (!legible.equals(name)) {
            why.add("its topic holds characters that it refuses");
        }
        if (!followed) {
            why.add("its properties are not those of MQTT 5");
            legible = "\uFFFD" + legible;
        }
        MendedPublications.add(name, String.join(", ", why));
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        writeText(head, legible);
        head.write(bytes, at + topicEnd, idEnd - topicEnd);
        writeVariable(head, kept.length);
        head.writeBytes(kept);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(bytes[at]);
        writeVariable(all, head.size() + whole - end);
        all.writeBytes(head.toByteArray());
        return all.toByteArray();
    }

    private byte[] keptProperties(byte[] bytes, int at, Set<String> why) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        long had = 0;
        int to = at + end;
        for (int property = at + properties; property < to; ) {
            int id = bytes[property];
            int valueEnd = valueEnd(bytes, property, to);
            if (valueEnd < 0) {
                followed = false;
                break;
            }
            if (!mayStay(id, property, valueEnd, had)) {
                why.add("property " + id + " comes twice or is too long");
            } else if (isText(id) && !areClean(bytes, property + 1, valueEnd)) {
                why.add("property " + id + " holds characters that it refuses");
                kept.write(id);
                for (int text = property + 1; text < valueEnd; text = textEnd(bytes, text, valueEnd)) {
                    writeText(kept, legible(text(bytes, text + 2, textEnd(bytes, text, valueEnd))));
                }
            } else {
                kept.write(bytes, property, valueEnd - property);
            }
            had |= 1L << id;
            property = valueEnd;
        }
        return kept.toByteArray();
    }

    /** Where the value of a property ends, -1 where it is none of a PUBLISH or does not end before {@code to}. */
    private static int valueEnd(byte[] bytes, int property, int to) {
        int value = property + 1;
        int valueEnd = switch (bytes[property]) {
            case PAYLOAD_FORMAT -> value + 1;
            case TOPIC_ALIAS -> value + 2;
            case EXPIRY -> value + 4;
            case CONTENT_TYPE, RESPONSE_TOPIC, CORRELATION_DATA -> textEnd(bytes, value, to);
            case USER_PROPERTY -> {
                int keyEnd = textEnd(bytes, value, to);
                yield keyEnd < 0 ? -1 : textEnd(bytes, keyEnd, to);
            }
            case SUBSCRIPTION -> variableEnd(bytes, value, to);
            default -> -1;
        };
        return valueEnd <= to ? valueEnd : -1;
    }

    private static boolean mayStay(int id, int property, int valueEnd, long had) {
        boolean first = (had & 1L << id) == 0;
        return (first || id == SUBSCRIPTION || id == USER_PROPERTY)
                && (id != CORRELATION_DATA || valueEnd - property - 3 <= MAX_BINARY_BYTES);
    }

    private static boolean isText(int id) {
        return id == CONTENT_TYPE || id == RESPONSE_TOPIC || id == USER_PROPERTY;
    }

    private static boolean areClean(byte[] bytes, int from, int to) {
        for (int text = from; text < to; ) {
            int next = textEnd(bytes, text, to);
            if (!isClean(bytes, text + 2, next)) {
                return false;
            }
            text = next;
        }
        return true;
    }

    private static boolean isClean(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (b < ' ' && (b >= 0 || isRefused(bytes, i, to)) || b == 0x7f) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether a refused character stands here, in UTF-8. The first bytes that are looked for are never later bytes of a
     * character, so that this holds in a text that is not UTF-8 as well.
     */
    private static boolean isRefused(byte[] bytes, int i, int to) {
        int left = to - i;
        return switch (bytes[i]) {
            case (byte) 0xc2 -> left > 1 && (bytes[i + 1] & 0xe0) == 0x80;
            case (byte) 0xef ->
                left > 2
                        && (bytes[i + 1] == (byte) 0xb7 && (bytes[i + 2] & 0xf0) == 0x90
                                || bytes[i + 1] == (byte) 0xbf && (bytes[i + 2] & 0xfe) == 0xbe);
            case (byte) 0xf0, (byte) 0xf1, (byte) 0xf2, (byte) 0xf3, (byte) 0xf4 ->
                left > 3
                        && (bytes[i + 1] & 0x0f) == 0x0f
                        && bytes[i + 2] == (byte) 0xbf
                        && (bytes[i + 3] & 0xfe) == 0xbe;
            default -> false;
        };
    }

    /** C0, DEL and C1, U+FDD0 to U+FDDF, and the last two of every plane. */
    static boolean isRefused(int codePoint) {
        return Character.isISOControl(codePoint)
                || codePoint >= 0xfdd0 && codePoint <= 0xfddf
                || (codePoint & 0xfffe) == 0xfffe;
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    private static String legible(String text) {
        StringBuilder legible = new StringBuilder(text.length());
        text.codePoints().map(c -> isRefused(c) ? 0xfffd : c).forEach(legible::appendCodePoint);
        return legible.toString();
    }

    /** Cut where it has become too long. */
    private static void writeText(ByteArrayOutputStream out, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(utf8.length, MAX_TEXT_BYTES);
        while (length < utf8.length && (utf8[length] & 0xc0) == 0x80) {
            length--;
        }
        out.write(length >> 8);
        out.write(length);
        out.writeBytes(Arrays.copyOf(utf8, length));
    }

    private static void writeVariable(ByteArrayOutputStream out, int value) {
        int left = value;
        for (; left > 0x7f; left >>= 7) {
            out.write(left & 0x7f | 0x80);
        }
        out.write(left);
    }

    private static int textEnd(byte[] bytes, int text, int to) {
        if (text + 2 > to) {
            return -1;
        }
        int textEnd = text + 2 + unsignedShort(bytes, text);
        return textEnd <= to ? textEnd : -1;
    }

    private static int variableEnd(byte[] bytes, int from, int to) {
        for (int i = from; i < Math.min(to, from + MAX_VARIABLE_BYTES); i++) {
            if (bytes[i] >= 0) {
                return i + 1;
            }
        }
        return -1;
    }

    private static int variable(byte[] bytes, int from) {
        int value = 0;
        for (int i = from, shift = 0; ; i++, shift += 7) {
            value |= (bytes[i] & 0x7f) << shift;
            if (bytes[i] >= 0) {
                return value;
            }
        }
    }

    private static int unsignedShort(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
    }
}

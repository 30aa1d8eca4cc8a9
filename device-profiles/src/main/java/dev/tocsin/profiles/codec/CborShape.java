package dev.tocsin.profiles.codec;

/**
 * Whether bytes are one well-formed item of CBOR (RFC 8949, appendix C) that is no deeper than a bound. Asked before a
 * parser is: that takes an item's word for its length and makes room for it, so that six bytes cost a hundred thousand.
 */
final class CborShape {
    /** Additional information: the argument follows in one byte, in two, four, eight; or there is none. */
    private static final int ONE_BYTE = 24;

    private static final int EIGHT_BYTES = 27;
    private static final int INDEFINITE = 31;
    /** The first byte of what ends an item of indefinite length. */
    private static final int BREAK = 0xFF;

    private static final int BYTES = 2;
    private static final int TEXT = 3;
    private static final int ARRAY = 4;
    private static final int MAP = 5;
    private static final int TAG = 6;
    private static final int SIMPLE = 7;

    private final byte[] bytes;
    private final int maxDepth;
    private int at;

    private CborShape(byte[] bytes, int maxDepth) {
        this.bytes = bytes;
        this.maxDepth = maxDepth;
    }

    /** @return where the bytes end to be one item, or -1 where they are one and nothing follows */
    static int brokenAt(byte[] bytes, int maxDepth) {
        CborShape shape = new CborShape(bytes, maxDepth);
        return shape.item(0) && shape.at == bytes.length ? -1 : shape.at;
    }

    private boolean item(int depth) {
        if (at >= bytes.length || depth > maxDepth) {
            return false;
        }
        int first = Byte.toUnsignedInt(bytes[at]);
        int major = first >> 5;
        int info = first & 0x1F;
        if (info == INDEFINITE) {
            return indefinite(major, depth);
        }
        int extra = info < ONE_BYTE ? 0 : info <= EIGHT_BYTES ? 1 << (info - ONE_BYTE) : -1;
        if (extra < 0 || at + 1 + extra > bytes.length) {
            return false;
        }
        long argument = extra == 0 ? info : 0;
        for (int i = 0; i < extra; i++) {
            argument = argument << 8 | Byte.toUnsignedLong(bytes[at + 1 + i]);
        }
        int begin = at;
        at += 1 + extra;
        boolean good = switch (major) {
            case BYTES, TEXT -> skip(argument);
            case ARRAY -> items(argument, 1, depth);
            case MAP -> items(argument, 2, depth);
            case TAG -> item(depth + 1);
            // A simple value below 32 has one byte.
            default -> major < SIMPLE || info != ONE_BYTE || argument >= 32;
        };
        if (!good && (major == BYTES || major == TEXT)) {
            // The length is what is wrong.
            at = begin;
        }
        return good;
    }

    private boolean skip(long length) {
        if (length < 0 || length > bytes.length - at) {
            return false;
        }
        at += (int) length;
        return true;
    }

    /** Each item takes a byte at least. */
    private boolean items(long count, int each, int depth) {
        if (count < 0 || count > (bytes.length - at) / each) {
            return false;
        }
        for (long i = count * each; i > 0; i--) {
            if (!item(depth + 1)) {
                return false;
            }
        }
        return true;
    }

    private boolean indefinite(int major, int depth) {
        if (major < BYTES || major > MAP) {
            return false;
        }
        at++;
        for (int count = 0; at < bytes.length; count++) {
            int next = Byte.toUnsignedInt(bytes[at]);
            if (next == BREAK) {
                at++;
                return major != MAP || count % 2 == 0;
            }
            // A string in pieces has definite ones of its own kind.
            boolean fits = major >= ARRAY || (next >> 5 == major && (next & 0x1F) != INDEFINITE);
            if (!fits || !item(depth + 1)) {
                return false;
            }
        }
        return false;
    }
}

package dev.tocsin.profiles.coap;

import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAPMessageFormatException;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.network.serialization.MessageHeader;
import org.eclipse.californium.core.network.serialization.UdpDataParser;
import org.eclipse.californium.elements.util.DatagramReader;

/**
 * Reads the datagrams of RFC 7252, as Californium does, and refuses those that Californium takes at any cost: of an option
 * that is one byte on the wire it makes objects of hundreds of bytes. Empty messages are held to section 4.1. Safe for
 * any thread.
 */
public final class CoapParser extends UdpDataParser {
    /**
     * What any legitimate message has, and more. Those that come once are 20: nine of RFC 7252 (Uri-Host, If-None-Match,
     * Uri-Port, Content-Format, Max-Age, Accept, Proxy-Uri, Proxy-Scheme, Size1), Observe, Block1 and Block2, Size2,
     * Q-Block1, OSCORE, Echo, No-Response, and three of CoIoT. A path has up to
     * {@value dev.tocsin.profiles.profile.SourcePattern#MAX_LEVELS} segments, and a dozen are left for parameters and
     * entity tags.
     */
    public static final int MAX_OPTIONS = 64;

    private static final int PAYLOAD_MARKER = 0xff;
    private static final int NIBBLE = 0x0f;
    /** Of a delta or a length: a byte follows, with what goes beyond it. */
    private static final int ONE_MORE_BYTE = 13;
    /** Two bytes follow. */
    private static final int TWO_MORE_BYTES = 14;

    private static final int BEYOND_ONE_BYTE = 269;

    public CoapParser() {
        super(true, CoapOptions.KNOWN);
    }

    @Override
    protected Message parseMessage(DatagramReader reader, MessageHeader header, Message target) {
        reader.mark();
        boolean tooMany = hasTooManyOptions(reader);
        reader.reset();
        if (tooMany) {
            throw refusal("more than " + MAX_OPTIONS + " options", header, CoAP.ResponseCode.BAD_OPTION);
        }
        try {
            return super.parseMessage(reader, header, target);
        } catch (IllegalStateException e) {
            // A payload that its block cannot hold. The library throws it past everything that answers and counts.
            throw refusal(String.valueOf(e.getMessage()), header, CoAP.ResponseCode.BAD_REQUEST);
        }
    }

    private static CoAPMessageFormatException refusal(String why, MessageHeader header, CoAP.ResponseCode code) {
        return new CoAPMessageFormatException(
                why, header.getToken(), header.getMID(), header.getCode(), header.getType() == CoAP.Type.CON, code);
    }

    /** Looks no further than to the first that is too many, or that cannot be read: the library says what is wrong. */
    private static boolean hasTooManyOptions(DatagramReader reader) {
        for (int options = 0; reader.bytesAvailable(); options++) {
            int first = reader.read(Byte.SIZE);
            if (first == PAYLOAD_MARKER) {
                return false;
            }
            if (options == MAX_OPTIONS) {
                return true;
            }
            int delta = extended(first >> 4, reader);
            int length = extended(first & NIBBLE, reader);
            if (delta < 0 || length < 0 || !reader.bytesAvailable(length)) {
                return false;
            }
            reader.readBytes(length);
        }
        return false;
    }

    /** RFC 7252 section 3.1; negative where it ends too early, or is 15, which stands for nothing. */
    private static int extended(int nibble, DatagramReader reader) {
        if (nibble < ONE_MORE_BYTE) {
            return nibble;
        }
        if (nibble == ONE_MORE_BYTE && reader.bytesAvailable(1)) {
            return reader.read(Byte.SIZE) + ONE_MORE_BYTE;
        }
        if (nibble == TWO_MORE_BYTES && reader.bytesAvailable(2)) {
            return reader.read(Short.SIZE) + BEYOND_ONE_BYTE;
        }
        return -1;
    }
}

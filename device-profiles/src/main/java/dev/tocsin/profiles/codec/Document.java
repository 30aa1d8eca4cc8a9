package dev.tocsin.profiles.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import dev.tocsin.profiles.codec.Harvest.UnreadableException;
import dev.tocsin.profiles.profile.CoapQuestion;
import dev.tocsin.profiles.reading.Rejected.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Bytes into a tree of bounded depth, or a sentence that says where they end to be one. */
final class Document {
    static final int TEXT = 0;
    static final int JSON = 50;
    static final int SENML_JSON = 110;
    static final int SENML_CBOR = 112;
    static final int NO_FORMAT = -1;

    private static final int MAX_DEPTH = 32;
    private static final StreamReadConstraints BOUNDS = StreamReadConstraints.builder()
            .maxNestingDepth(MAX_DEPTH)
            .maxNumberLength(64)
            .maxStringLength(MessageDecoder.MAX_PAYLOAD_BYTES)
            .maxNameLength(512)
            .build();
    private static final ObjectMapper JSON_TREES = JsonMapper.builder(
                    JsonFactory.builder().streamReadConstraints(BOUNDS).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final ObjectMapper CBOR_TREES = CBORMapper.builder(
                    CBORFactory.builder().streamReadConstraints(BOUNDS).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Document() {}

    /** Whether the message is CBOR: by its content format, or where none is given, because it begins as an array. */
    static boolean isCbor(Incoming message) {
        byte[] payload = message.payload();
        return message.contentFormat() == SENML_CBOR
                || (message.contentFormat() == NO_FORMAT && payload.length > 0 && (payload[0] & 0xE0) == 0x80);
    }

    /**
     * What the profile's codec is given. A device that was asked for one path may answer with a bare value, also as text;
     * it is read under the last level of the path.
     */
    static JsonNode read(Incoming message) throws UnreadableException {
        return switch (message.transport()) {
            case MQTT, COAP -> parse(message);
            case COIOT -> CoIoT.fields(parse(message));
            case COAP_CLIENT -> {
                JsonNode tree = message.contentFormat() == TEXT
                        ? TextNode.valueOf(new String(message.payload(), StandardCharsets.UTF_8).trim())
                        : parse(message);
                yield tree.isValueNode()
                        ? JsonNodeFactory.instance.objectNode().set(CoapQuestion.fieldOf(message.address()), tree)
                        : tree;
            }
        };
    }

    private static JsonNode parse(Incoming message) throws UnreadableException {
        int format = message.contentFormat();
        if (format != NO_FORMAT && format != JSON && format != SENML_JSON && format != SENML_CBOR) {
            throw new UnreadableException(
                    Reason.MALFORMED, "content format " + format + " is not read here; 50, 110 and 112 are");
        }
        if (message.payload().length == 0) {
            throw new UnreadableException(Reason.MALFORMED, "the message is empty");
        }
        boolean cbor = isCbor(message);
        int broken = cbor ? CborShape.brokenAt(message.payload(), MAX_DEPTH) : -1;
        if (broken >= 0) {
            throw new UnreadableException(Reason.MALFORMED, "not CBOR at byte " + broken);
        }
        try {
            JsonNode tree = (cbor ? CBOR_TREES : JSON_TREES).readTree(message.payload());
            if (tree == null || tree.isMissingNode()) {
                throw new UnreadableException(Reason.MALFORMED, "the message holds nothing");
            }
            return tree;
        } catch (JsonProcessingException e) {
            // The parser's own words may quote the message, and with it a secret.
            JsonLocation at = e.getLocation();
            String where = at == null
                    ? "at an unknown place"
                    : cbor
                            ? "at byte " + at.getByteOffset()
                            : "at line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw new UnreadableException(Reason.MALFORMED, "not " + (cbor ? "CBOR " : "JSON ") + where);
        } catch (IOException | RuntimeException e) {
            // Jackson answers some broken input with unchecked exceptions; to us it is broken input all the same.
            throw new UnreadableException(
                    Reason.MALFORMED,
                    "not " + (cbor ? "CBOR" : "JSON") + ": " + e.getClass().getSimpleName());
        }
    }
}

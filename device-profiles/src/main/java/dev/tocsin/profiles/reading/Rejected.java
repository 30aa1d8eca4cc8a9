package dev.tocsin.profiles.reading;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Input that could not be digested, kept whole so that it can be read, counted and played again after the profile was
 * mended. As JSON on {@code tocsin/v1/up/{shard}/{gateway}/rejected}; {@code raw} is Base64 there.
 *
 * @param id unique; the store keeps one row an id, so that a redelivery adds nothing
 * @param gateway the gateway it came through
 * @param source where it entered, for example {@code mqtt:sensors/hall-3} or {@code coap:/sensors/hall-3}
 * @param device the device, where it could be told
 * @param detail one English sentence that names what is wrong and where in the input
 * @param raw the bytes as received, cut at {@link #MAX_RAW_BYTES}; a batch is kept whole, as long as the broker let it
 *     be, because half a batch cannot be played again
 */
public record Rejected(
        String id,
        String gateway,
        String source,
        @Nullable String device,
        Reason reason,
        String detail,
        byte[] raw,
        Instant receivedAt) {

    /** More of one message of a sensor is not kept. */
    public static final int MAX_RAW_BYTES = 64 * 1024;

    /** Why; the names are the values of the counter's {@code reason} tag. */
    public enum Reason {
        /** No profile claims the topic or path. */
        UNKNOWN_SOURCE,
        /** Closed enrolment, and the registry does not have the device. */
        NOT_ENROLLED,
        /** It says that it is of a device that has credentials, and came without them. */
        UNAUTHENTICATED,
        /** Whoever sent it has the credentials of another device. */
        NOT_ENTITLED,
        /** More than the device may send. */
        RATE,
        /** The registry or the message names a profile that nobody has. */
        UNKNOWN_PROFILE,
        /** The bytes are not what the profile's codec reads. */
        MALFORMED,
        /** Well-formed, with a value that no reading can hold. */
        INVALID_VALUE,
        /** Longer than the bound. */
        TOO_LARGE,
        /** A batch that the cloud could not decode. */
        BAD_BATCH,
        /** Data that the store or a detector refused. */
        INDIGESTIBLE
    }

    public Rejected {
        if (raw.length > MAX_RAW_BYTES && reason != Reason.BAD_BATCH) {
            raw = java.util.Arrays.copyOf(raw, MAX_RAW_BYTES);
        }
    }
}

package dev.tocsin.profiles.codec;

import dev.tocsin.profiles.codec.Decoding.Refused;
import dev.tocsin.profiles.reading.Rejected;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a codec takes from one message: samples, and sentences about parts that are none. For one thread. */
final class Harvest {
    /** A message can be wrong in a thousand places; the first few say enough. */
    private static final int MAX_SENTENCES = 5;

    private final List<Sample> samples = new ArrayList<>();
    private final List<String> sentences = new ArrayList<>();
    private Rejected.@Nullable Reason reason;
    private int complaints;

    /** When a sample was taken, as far as the message says. */
    record SampleTime(boolean given, boolean clockUnset, long atMs) {
        /** The message says nothing. */
        static final SampleTime NONE = new SampleTime(false, false, 0);
        /** The device says that it does not know. */
        static final SampleTime UNSET = new SampleTime(true, true, 0);

        static SampleTime at(long atMs) {
            return new SampleTime(true, false, atMs);
        }
    }

    /**
     * A reading in the making.
     *
     * @param fault whether the value is the device's word for a broken sensor
     */
    record Sample(String device, String metric, double value, boolean fault, SampleTime time) {}

    /** The whole message is no good. */
    static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;
        final transient Rejected.Reason reason;

        UnreadableException(Rejected.Reason reason, String sentence) {
            super(sentence);
            this.reason = reason;
        }

        String sentence() {
            return String.valueOf(getMessage());
        }
    }

    void take(Sample sample) {
        samples.add(sample);
    }

    /** A part of the message is no good; the rest is read on. */
    void complain(Rejected.Reason why, String sentence) {
        reason = reason == null ? why : reason;
        if (complaints++ < MAX_SENTENCES) {
            sentences.add(sentence);
        }
    }

    List<Sample> samples() {
        return samples;
    }

    @Nullable
    Refused refused(@Nullable String device, String profile) {
        if (reason == null) {
            return null;
        }
        String more = complaints > MAX_SENTENCES ? "; and " + (complaints - MAX_SENTENCES) + " more" : "";
        return new Refused(reason, String.join("; ", sentences) + more, device, profile);
    }
}

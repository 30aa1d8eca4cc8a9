package dev.tocsin.profiles.codec;

import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.reading.Rejected;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of an {@link Incoming}. */
public sealed interface Decoding {

    /**
     * Readings with their time decided, and their quality as far as the message alone tells it.
     *
     * @param readings may be empty: a message of a known device that carries nothing to keep
     * @param enrolled false for a device that the registry does not have and open enrolment lets in
     * @param refused the parts of the message that could not be digested while the rest was: to be rejected as well
     */
    record Decoded(
            String profile,
            boolean replayed,
            boolean enrolled,
            List<Reading> readings,
            @Nullable Refused refused) implements Decoding {
        public Decoded {
            readings = List.copyOf(readings);
        }

        public Decoded(String profile, boolean replayed, boolean enrolled, List<Reading> readings) {
            this(profile, replayed, enrolled, readings, null);
        }
    }

    /**
     * Not digested.
     *
     * @param profile the profile that claims the source, where one does
     * @param unheard what a device that is not enrolled says: kept as rejected, but an alarm in it is not passed over
     */
    record Refused(
            Rejected.Reason reason,
            String detail,
            @Nullable String device,
            @Nullable String profile,
            @Nullable Decoded unheard)
            implements Decoding {

        public Refused(Rejected.Reason reason, String detail, @Nullable String device, @Nullable String profile) {
            this(reason, detail, device, profile, null);
        }

        Refused with(@Nullable Decoded said) {
            return new Refused(reason, detail, device, profile, said);
        }
    }
}

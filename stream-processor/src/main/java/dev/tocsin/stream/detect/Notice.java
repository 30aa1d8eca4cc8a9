package dev.tocsin.stream.detect;

import dev.tocsin.profiles.desired.Pulse;
import dev.tocsin.stream.source.UplinkMessage;
import org.jspecify.annotations.Nullable;

/** What every subtask of the detectors must hear: a profile or a rule set of the site, or the pulse of a gateway. */
public record Notice(
        @Nullable UplinkMessage state, @Nullable Pulse pulse) {

    public static Notice of(UplinkMessage state) {
        return new Notice(state, null);
    }

    public static Notice of(Pulse pulse) {
        return new Notice(null, pulse);
    }
}

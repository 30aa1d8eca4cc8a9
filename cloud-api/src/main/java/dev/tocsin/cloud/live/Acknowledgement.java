package dev.tocsin.cloud.live;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.Severity;
import org.jspecify.annotations.Nullable;

/**
 * Where an alert's acknowledgement stands: after which event of {@code ops.acknowledgement}, a later event replaces an
 * earlier one; and by whom, null after an undo.
 *
 * @param event 0 where there was none
 * @param severity that the officer saw; null where it was not recorded
 * @param drill whether the officer saw a drill
 */
public record Acknowledgement(
        long event,
        @Nullable Acknowledged acknowledged,
        @Nullable Severity severity,
        boolean drill) {
    public static final Acknowledgement NONE = new Acknowledgement(0, null, null, false);

    /**
     * Who acknowledged the alert as it is now: nobody, once it is worse than what the officer saw or a drill became
     * real, or other alerts made it urgent anew. It then counts as unacknowledged in every respect and may be acknowledged anew.
     */
    public @Nullable Acknowledged of(Alert now) {
        boolean worse = severity != null && now.severity().compareTo(severity) < 0;
        boolean real = drill && !now.drill();
        boolean urgent =
                acknowledged != null && acknowledged.revision() < now.said().urgentSince();
        return worse || real || urgent ? null : acknowledged;
    }
}

package dev.tocsin.cloud.live;

import org.jspecify.annotations.Nullable;

/**
 * Where an alert's acknowledgement stands: after which event of {@code ops.acknowledgement}, a later event replaces an
 * earlier one; and by whom, null after an undo.
 *
 * @param event 0 where there was none
 */
public record Acknowledgement(long event, @Nullable Acknowledged acknowledged) {
    public static final Acknowledgement NONE = new Acknowledgement(0, null);
}

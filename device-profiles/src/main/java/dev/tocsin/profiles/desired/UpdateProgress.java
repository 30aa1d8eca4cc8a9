package dev.tocsin.profiles.desired;

import dev.tocsin.profiles.reading.Limits;

/**
 * How far a gateway is with an {@link UpdateOrder}.
 *
 * @param order the order's
 * @param version the order's
 * @param detail in English; empty where the stage says it all
 */
public record UpdateProgress(long order, String version, Stage stage, String detail) {
    /** Where an update stands. */
    public enum Stage {
        /** The bundle is being fetched; after a failure again. */
        FETCHING,
        /** It is checked and unpacked; the agent goes down to be started as the new version. */
        STAGED,
        /** The new version runs and must prove itself. */
        ON_TRIAL,
        /** It has; this is the end. */
        DONE,
        /** It will not be used; this is the end. */
        REFUSED,
        /** The new version failed, the former one runs again; this is the end. */
        ROLLED_BACK
    }

    public UpdateProgress {
        Limits.text("version", version, Limits.TEXT);
        if (stage == null || detail == null) {
            throw new IllegalArgumentException("stage or detail is missing");
        }
        detail = detail.length() > 300 ? detail.substring(0, 300) : detail;
    }
}

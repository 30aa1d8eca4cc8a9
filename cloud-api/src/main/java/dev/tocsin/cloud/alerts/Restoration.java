package dev.tocsin.cloud.alerts;

import dev.tocsin.cloud.alerts.AlertStore.Stored;
import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.live.Acknowledgement;
import dev.tocsin.cloud.live.LiveAlerts;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Brings the store's knowledge into memory: at the start what was open before, afterwards what the archive has and a
 * message did not bring (the archive was behind when the API started), and whether an alert that a message repeated had
 * been acknowledged long ago. For one worker thread.
 */
public final class Restoration {
    private static final Duration CLEARED_SINCE = Duration.ofDays(7);

    private final Database database;
    private final LiveAlerts live;
    private final Clock clock;
    private final Runnable onComplete;
    private volatile boolean complete;

    /** @param onComplete called once what was open before the start is known */
    public Restoration(Database database, LiveAlerts live, Clock clock, Runnable onComplete) {
        this.database = database;
        this.live = live;
        this.clock = clock;
        this.onComplete = onComplete;
    }

    /** Reads every open alert; at the start, and now and then afterwards. */
    public void readOpen() {
        Instant clearedSince = clock.instant().minus(CLEARED_SINCE);
        List<Stored> open = database.read(handle -> AlertStore.open(handle, clearedSince, LiveAlerts.MAX_OPEN / 2));
        for (Stored stored : open) {
            live.merge(stored.alert(), stored.acknowledgement());
        }
        if (!complete) {
            complete = true;
            onComplete.run();
        }
    }

    /** Asks for the acknowledgements of alerts that came as messages since. */
    public void readAcknowledgements() {
        List<String> unknown = live.takeAcknowledgementUnknown();
        if (unknown.isEmpty()) {
            return;
        }
        Map<String, Acknowledgement> stored = database.read(handle -> Acknowledgements.newest(handle, unknown));
        stored.forEach(live::acknowledged);
        live.acknowledgementKnown(unknown);
    }

    public boolean complete() {
        return complete;
    }
}

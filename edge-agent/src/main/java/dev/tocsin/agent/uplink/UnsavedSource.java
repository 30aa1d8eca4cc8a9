package dev.tocsin.agent.uplink;

import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.SpoolReader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Alerts that the disk does not take now, a parcel each. Once it does, they go with the others, if they have to go at all. */
final class UnsavedSource implements Source {
    private final Spool spool;
    /** Ids go down from -1. */
    private long sent;

    UnsavedSource(Spool spool) {
        this.spool = spool;
    }

    @Override
    public @Nullable Parcel next(long nowMs) {
        List<SpoolReader.Message> some = spool.unsavedAlerts(sent, 1);
        if (some.isEmpty()) {
            return null;
        }
        SpoolReader.Message alert = some.get(0);
        sent = alert.id();
        return new Parcel(alert.id(), alert.body(), List.of(), List.of(alert.id()), List.of());
    }

    @Override
    public long dueInMs(long nowMs) {
        return Long.MAX_VALUE;
    }

    @Override
    public void rewind(long first) {
        sent = first + 1;
    }

    @Override
    public void resumed(long stoodMs) {
        // Alerts are as urgent as they were.
    }
}

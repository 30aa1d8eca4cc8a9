package dev.tocsin.agent.uplink;

import org.jspecify.annotations.Nullable;

/** Where a lane takes its parcels from, in order. For the uplink's thread. */
interface Source {
    /** The next parcel that is due, or nothing. */
    @Nullable
    Parcel next(long nowMs);

    /** Milliseconds until {@link #next} may have something by the mere passing of time; {@link Long#MAX_VALUE} for never. */
    long dueInMs(long nowMs);

    /** Goes back: the next parcel begins at {@code first}. */
    void rewind(long first);

    /** The lane works again after it had stood still for {@code stoodMs}. */
    void resumed(long stoodMs);
}

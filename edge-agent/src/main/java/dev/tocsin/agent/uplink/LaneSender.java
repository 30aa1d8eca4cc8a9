package dev.tocsin.agent.uplink;

import dev.tocsin.agent.link.Backoff;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.SpoolException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends one lane in order. When a publication fails, the lane stops and begins again from the oldest that the broker
 * has not confirmed, so that a retry never overtakes: what went out after it goes out once more. For the uplink's
 * thread.
 */
final class LaneSender {
    private static final Logger LOG = LoggerFactory.getLogger(LaneSender.class);

    private final String topic;
    private final Source source;
    private final int maxInFlight;
    private final Spool spool;
    private final Backoff backoff = new Backoff(500, 5_000);
    private final Deque<Flight> inFlight = new ArrayDeque<>();

    private @Nullable Parcel held;
    private long retryAtMs;
    private boolean told;
    /** Since when nothing was confirmed although something failed; 0 while the lane works. */
    private long stoppedAtMs;

    /** One publication; {@code lane} decides with it, not with its number, whether it still counts. */
    static final class Flight {
        final LaneSender lane;
        final Parcel parcel;
        final long sentAtMs;
        boolean confirmed;

        Flight(LaneSender lane, Parcel parcel, long sentAtMs) {
            this.lane = lane;
            this.parcel = parcel;
            this.sentAtMs = sentAtMs;
        }
    }

    LaneSender(String topic, Source source, int maxInFlight, Spool spool, long nowMs) {
        this.topic = topic;
        this.source = source;
        this.maxInFlight = maxInFlight;
        this.spool = spool;
        this.stoppedAtMs = nowMs;
    }

    /** Whether the oldest on its way was sent later than then. */
    boolean waitsSince(long ms) {
        Flight oldest = inFlight.peek();
        return oldest != null && oldest.sentAtMs > ms;
    }

    /** Sends what is due and fits. */
    void pump(BrokerLink link, long nowMs) {
        if (nowMs < retryAtMs) {
            return;
        }
        if (stoppedAtMs != 0) {
            source.resumed(nowMs - stoppedAtMs);
            stoppedAtMs = 0;
        }
        while (inFlight.size() < maxInFlight && link.hasRoom()) {
            Parcel parcel = held == null ? next(nowMs) : held;
            held = null;
            if (parcel == null) {
                return;
            }
            Flight flight = new Flight(this, parcel, nowMs);
            if (!link.publish(topic, parcel.payload(), flight)) {
                held = parcel;
                return;
            }
            inFlight.add(flight);
        }
    }

    private @Nullable Parcel next(long nowMs) {
        try {
            return source.next(nowMs);
        } catch (SpoolException e) {
            if (!told) {
                LOG.error("lane {} waits: {}", topic, e.getMessage());
                told = true;
            }
            retryAtMs = nowMs + backoff.nextMs();
            return null;
        }
    }

    /** A lane that can send nothing now waits for what the broker says, not for time. */
    long dueInMs(BrokerLink link, long nowMs) {
        if (nowMs < retryAtMs) {
            return retryAtMs - nowMs;
        }
        boolean stuck = held != null || inFlight.size() >= maxInFlight || !link.hasRoom();
        return stuck ? Long.MAX_VALUE : source.dueInMs(nowMs);
    }

    /** The broker has it, whether or not the lane has stopped meanwhile. */
    void confirmed(Flight flight) {
        flight.confirmed = true;
        told = false;
        backoff.reset();
        spool.free(flight.parcel.blocks(), flight.parcel.messages(), flight.parcel.evicted());
        while (!inFlight.isEmpty() && inFlight.element().confirmed) {
            inFlight.remove();
        }
    }

    void failed(Flight flight, long nowMs) {
        if (inFlight.contains(flight)) {
            stop(nowMs);
            retryAtMs = nowMs + backoff.nextMs();
        }
    }

    /** Forgets what is on its way, and goes back to the oldest of it. */
    void stop(long nowMs) {
        Flight oldest = inFlight.peek();
        if (oldest != null) {
            source.rewind(oldest.parcel.first());
        } else if (held != null) {
            source.rewind(held.first());
        }
        held = null;
        inFlight.clear();
        retryAtMs = 0;
        if (stoppedAtMs == 0) {
            stoppedAtMs = nowMs;
        }
    }
}

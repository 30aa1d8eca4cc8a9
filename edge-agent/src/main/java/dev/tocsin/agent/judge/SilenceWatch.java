package dev.tocsin.agent.judge;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.spool.Draft;
import dev.tocsin.profiles.desired.GatewayState.EnrolledDevice;
import dev.tocsin.profiles.profile.Profile;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Says when a device has not been heard for as long as its profile allows. The whole interval must have passed since
 * this agent could hear: a start, a reconnect to the field broker and a stalled commit begin it anew. Intervals are
 * measured by a clock that no one sets. For the writer thread.
 */
final class SilenceWatch {
    /** Devices heard without being enrolled; of more, those longest unheard of are forgotten. */
    private static final int MAX_GUESTS = 5_000;
    /** Between two looks at all devices. */
    private static final long LOOK_EVERY_MS = 1_000;
    /** A look that comes this late: the agent itself was held up. */
    private static final long STALLED_MS = 10_000;

    private final Registry registry;
    private final AlertBook book;
    private final Clock clock;
    private final LongSupplier monotonicMs;
    private final LongSupplier fieldUpSinceMs;
    /** Of every enrolled device when it was last heard, or else when the registry had it first. */
    private final Map<String, Long> enrolledSinceMs = new HashMap<>();

    private final Map<String, Guest> guests = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Guest> eldest) {
            return size() > MAX_GUESTS;
        }
    };

    private long hearingSinceMs;
    private long lookedAtMs;

    private record Guest(String profile, long heardMs) {}

    /**
     * @param monotonicMs elapsed time
     * @param fieldUpSinceMs since when, by that clock, the field broker is connected; {@link Long#MAX_VALUE} while it
     *     is not
     */
    SilenceWatch(
            Registry registry, AlertBook book, Clock clock, LongSupplier monotonicMs, LongSupplier fieldUpSinceMs) {
        this.registry = registry;
        this.book = book;
        this.clock = clock;
        this.monotonicMs = monotonicMs;
        this.fieldUpSinceMs = fieldUpSinceMs;
        hearingSinceMs = monotonicMs.getAsLong();
        lookedAtMs = hearingSinceMs;
        registry.devices().forEach(device -> enrolledSinceMs.put(device.id(), hearingSinceMs));
    }

    static String rule(String profile) {
        return profile + "/silence";
    }

    /** @param replayed a recording ends without the device having fallen silent: only open silence ends with it */
    void heard(Draft draft, String device, String profile, boolean replayed) {
        long now = monotonicMs.getAsLong();
        if (registry.profileOf(device) != null) {
            enrolledSinceMs.put(device, now);
        } else if (!replayed) {
            guests.put(device, new Guest(profile, now));
        }
        book.clear(draft, new AlertBook.Key(rule(profile), device), 0, clock.millis());
    }

    void look(Draft draft) {
        long now = monotonicMs.getAsLong();
        if (now - lookedAtMs < LOOK_EVERY_MS) {
            return;
        }
        if (now - lookedAtMs > STALLED_MS) {
            hearingSinceMs = now;
        }
        lookedAtMs = now;
        if (fieldUpSinceMs.getAsLong() == Long.MAX_VALUE) {
            return;
        }
        long since = Math.max(hearingSinceMs, fieldUpSinceMs.getAsLong());
        for (EnrolledDevice device : registry.devices()) {
            long from = enrolledSinceMs.computeIfAbsent(device.id(), id -> enrolledAt(id, now));
            judge(draft, device.id(), device.profile(), Math.max(since, from), now);
        }
        guests.forEach((device, guest) -> {
            if (registry.profileOf(device) == null) {
                judge(draft, device, guest.profile(), Math.max(since, guest.heardMs()), now);
            }
        });
    }

    /** A guest that was enrolled meanwhile has not fallen silent by that. */
    private long enrolledAt(String device, long nowMs) {
        Guest guest = guests.remove(device);
        return guest == null ? nowMs : guest.heardMs();
    }

    private void judge(Draft draft, String device, String profileId, long sinceMs, long nowMs) {
        Profile profile = registry.catalog().find(profileId);
        if (profile == null || profile.silentAfterMs() <= 0 || nowMs - sinceMs < profile.silentAfterMs()) {
            return;
        }
        String rule = rule(profileId);
        if (!book.isOpen(rule, device)) {
            long wall = clock.millis();
            book.raiseSilence(draft, rule, profile.version(), device, wall - (nowMs - sinceMs), wall);
        }
    }
}

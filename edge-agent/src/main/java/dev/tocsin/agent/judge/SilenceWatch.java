package dev.tocsin.agent.judge;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.spool.Draft;
import dev.tocsin.agent.spool.Via;
import dev.tocsin.profiles.desired.GatewayState.EnrolledDevice;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.site.SilenceRule;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says when a device has not been heard for as long as its profile allows. Counted is the time in which this agent could
 * hear: CoAP and each field broker have a clock that stands while the broker is away, while the agent is held up and
 * while it does not run; a device is judged by the clock of the way on which it was last heard, one that never spoke by
 * the time in which no broker was away. These clocks, and when each device was last heard by them, outlive the process,
 * so that intervals longer than a run end too. After deaf time, what waited elsewhere has {@link #CATCH_UP_MS} to come in before anybody is
 * called silent. For the writer thread.
 */
final class SilenceWatch {
    static final String KIND_HEARD = "heard";

    /** For what a broker held back, and for devices that connect to it again. */
    static final long CATCH_UP_MS = 30_000;
    /** Devices heard without being enrolled; of more, those longest unheard of are forgotten. */
    private static final int MAX_GUESTS = 5_000;
    /** Between two looks at all devices. */
    private static final long LOOK_EVERY_MS = 1_000;
    /** A look that comes this late: the agent itself was held up. */
    private static final long STALLED_MS = 10_000;
    /** How often the clocks are kept, at most: a kill makes them lose so much, never gain. */
    private static final long KEEP_CLOCK_EVERY_MS = 60_000;
    /** A device's last word is kept again after this part of its interval. */
    private static final int KEEPS_AN_INTERVAL = 20;
    /** No id of a device begins so. */
    private static final String CLOCK_KEY = "\n";
    /** The way of a device that never spoke: any broker. */
    private static final String ANY = "-";
    /** Before any time of the monotonic clock, which may be negative. */
    private static final long ALWAYS = Long.MIN_VALUE / 4;

    private final Registry registry;
    private final AlertBook book;
    private final Clock clock;
    private final LongSupplier monotonicMs;
    private final Map<String, Word> enrolled = new HashMap<>();
    private final LinkedHashMap<String, Word> guests = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<String, Ear> ears = new LinkedHashMap<>();
    private final Ear any;

    private long lookedAtMs;
    private long keptClocksAtMs;

    /** How long one way could be heard, in all runs together. */
    private static final class Ear {
        /** Since when it is open, monotonic clock; {@link Long#MAX_VALUE} while it is not. */
        private final LongSupplier openSinceMs;

        private long heardMs;
        /** Monotonic clock. */
        private long judgeFromMs;

        Ear(LongSupplier openSinceMs, long judgeFromMs) {
            this.openSinceMs = openSinceMs;
            this.judgeFromMs = judgeFromMs;
        }

        void listen(long now, long passedMs) {
            long since = openSinceMs.getAsLong();
            if (since == Long.MAX_VALUE) {
                judgeFromMs = Long.MAX_VALUE;
                return;
            }
            heardMs += Math.min(passedMs, Math.max(0, now - since));
            judgeFromMs =
                    judgeFromMs == Long.MAX_VALUE ? since + CATCH_UP_MS : Math.max(judgeFromMs, since + CATCH_UP_MS);
        }
    }

    /**
     * The last that was heard of a device.
     *
     * @param way by which it came, {@link Via#way}; {@link #ANY} for a device that never spoke
     * @param earMs by the clock of that ear
     * @param wallMs by the gateway's clock
     * @param keptEarMs of the word that is on disk
     */
    private record Word(String profile, String way, long earMs, long wallMs, long keptEarMs) {
        byte[] toBytes() {
            return (profile + " " + way + " " + earMs + " " + wallMs).getBytes(StandardCharsets.UTF_8);
        }

        static Word of(byte[] bytes) {
            String[] parts = new String(bytes, StandardCharsets.UTF_8).split(" ");
            if (parts.length != 4) {
                throw new IllegalArgumentException("not a last word");
            }
            long earMs = Long.parseLong(parts[2]);
            return new Word(parts[0], parts[1], earMs, Long.parseLong(parts[3]), earMs);
        }
    }

    /**
     * @param kept what an earlier run kept as {@link #KIND_HEARD}
     * @param monotonicMs elapsed time
     * @param brokersUpSinceMs of each field broker by its way, since when it is connected, by that clock;
     *     {@link Long#MAX_VALUE} while it is not
     */
    SilenceWatch(
            Registry registry,
            AlertBook book,
            Map<String, byte[]> kept,
            Clock clock,
            LongSupplier monotonicMs,
            Map<String, LongSupplier> brokersUpSinceMs) {
        this.registry = registry;
        this.book = book;
        this.clock = clock;
        this.monotonicMs = monotonicMs;
        lookedAtMs = monotonicMs.getAsLong();
        keptClocksAtMs = lookedAtMs;
        long judgeFromMs = lookedAtMs + CATCH_UP_MS;
        ears.put(Via.COAP_WAY, new Ear(() -> ALWAYS, judgeFromMs));
        brokersUpSinceMs.forEach((way, upSinceMs) -> ears.put(way, new Ear(upSinceMs, judgeFromMs)));
        any = new Ear(() -> lastUpMs(brokersUpSinceMs), judgeFromMs);
        ears.put(ANY, any);
        recall(kept);
    }

    /** What an earlier run kept; what was heard meanwhile is newer. */
    final void recall(Map<String, byte[]> kept) {
        kept.forEach(this::restore);
        // Who was heard by a broker that is no longer one of ours may be heard by any of them from now on.
        enrolled.replaceAll(this::byAnyIfGone);
        guests.replaceAll(this::byAnyIfGone);
    }

    /** Since when all of them are up. */
    private static long lastUpMs(Map<String, LongSupplier> brokersUpSinceMs) {
        return brokersUpSinceMs.values().stream()
                .mapToLong(LongSupplier::getAsLong)
                .max()
                .orElse(ALWAYS);
    }

    private Word byAnyIfGone(String device, Word word) {
        return ears.containsKey(word.way())
                ? word
                : new Word(word.profile(), ANY, any.heardMs, word.wallMs(), any.heardMs);
    }

    /** A record that cannot be read is as one that is not there: the interval of its device begins anew. */
    private void restore(String key, byte[] bytes) {
        try {
            Word word = Word.of(bytes);
            Ear ear = ears.get(word.way());
            if (ear != null) {
                ear.heardMs = Math.max(ear.heardMs, word.earMs());
            }
            if (!key.startsWith(CLOCK_KEY)) {
                (registry.profileOf(key) == null ? guests : enrolled).putIfAbsent(key, word);
            }
        } catch (IllegalArgumentException e) {
            book.unreadable(KIND_HEARD, key);
        }
    }

    private Ear ear(Word word) {
        return ears.getOrDefault(word.way(), any);
    }

    /** Nothing where nobody knows the profile. */
    private @Nullable SilenceRule rule(String profile, String device) {
        Profile known = registry.catalog().find(profile);
        return known == null ? null : registry.rulesOf(known, device).silence();
    }

    /** The device spoke just now; a replay or a retained message is no such thing. */
    void heard(Draft draft, String device, String profile, Via via) {
        boolean guest = registry.profileOf(device) == null;
        Map<String, Word> words = guest ? guests : enrolled;
        Word before = words.get(device);
        String way = via.way();
        long earMs = ears.getOrDefault(way, any).heardMs;
        Word word = new Word(profile, way, earMs, clock.millis(), before == null ? -1 : before.keptEarMs());
        SilenceRule rule = rule(profile, device);
        long intervalMs = rule == null ? 0 : rule.afterMs();
        boolean moved = before == null || !before.way().equals(way);
        if (intervalMs > 0 && (moved || earMs - word.keptEarMs() >= intervalMs / KEEPS_AN_INTERVAL)) {
            word = new Word(profile, way, earMs, word.wallMs(), earMs);
            draft.keep(KIND_HEARD, device, word.toBytes());
        }
        words.put(device, word);
        if (guest && guests.size() > MAX_GUESTS) {
            Iterator<String> eldest = guests.keySet().iterator();
            draft.keep(KIND_HEARD, eldest.next(), null);
            eldest.remove();
        }
        book.clear(draft, new AlertBook.Key(SilenceRule.idOf(profile), device, false), 0, clock.millis());
    }

    /** Forgets who is not enrolled any more; to be called when the registry changed. */
    void prune(Draft draft) {
        Set<String> ids = registry.devices().stream().map(EnrolledDevice::id).collect(Collectors.toSet());
        for (Iterator<String> devices = enrolled.keySet().iterator(); devices.hasNext(); ) {
            String device = devices.next();
            if (!ids.contains(device)) {
                devices.remove();
                draft.keep(KIND_HEARD, device, null);
            }
        }
    }

    void look(Draft draft) {
        long now = monotonicMs.getAsLong();
        if (now - lookedAtMs < LOOK_EVERY_MS) {
            return;
        }
        listen(now);
        keepClocks(draft, now);
        for (EnrolledDevice device : registry.devices()) {
            Word word = enrolled.computeIfAbsent(device.id(), id -> enrolled(draft, id, device.profile()));
            judge(draft, device.id(), device.profile(), word, now);
        }
        guests.forEach((device, word) -> {
            if (registry.profileOf(device) == null && registry.open()) {
                judge(draft, device, word.profile(), word, now);
            }
        });
    }

    private void listen(long now) {
        long passed = now - lookedAtMs;
        if (passed > STALLED_MS) {
            ears.values().forEach(ear -> ear.judgeFromMs = now + CATCH_UP_MS);
            passed = 0;
        }
        lookedAtMs = now;
        for (Ear ear : ears.values()) {
            ear.listen(now, passed);
        }
    }

    private void keepClocks(Draft draft, long now) {
        if (now - keptClocksAtMs < KEEP_CLOCK_EVERY_MS) {
            return;
        }
        keptClocksAtMs = now;
        ears.forEach((way, ear) -> draft.keep(
                KIND_HEARD, CLOCK_KEY + way, new Word("clock", way, ear.heardMs, clock.millis(), 0).toBytes()));
    }

    /** A guest that was enrolled meanwhile has not fallen silent by that; of anybody else the time begins now. */
    private Word enrolled(Draft draft, String device, String profile) {
        Word guest = guests.remove(device);
        if (guest != null) {
            return guest;
        }
        // Whoever can only be heard by CoAP is not waited for until a broker is there.
        Profile known = registry.catalog().find(profile);
        boolean coapOnly = known != null && known.isOfCoapOnly();
        String way = coapOnly ? Via.COAP_WAY : ANY;
        long earMs = ears.getOrDefault(way, any).heardMs;
        Word word = new Word(profile, way, earMs, clock.millis(), earMs);
        draft.keep(KIND_HEARD, device, word.toBytes());
        return word;
    }

    private void judge(Draft draft, String device, String profile, Word word, long nowMs) {
        SilenceRule rule = rule(profile, device);
        if (rule == null || rule.afterMs() <= 0) {
            return;
        }
        long wall = clock.millis();
        Ear ear = ear(word);
        long quietMs = ear.heardMs - word.earMs();
        if (book.isOpen(rule.id(), device)) {
            // A kill takes up to a minute from the clock of an ear; that is no reason to call anything over.
            if (rule.suspendsAt(wall) || quietMs < rule.afterMs() - KEEP_CLOCK_EVERY_MS) {
                book.clear(draft, new AlertBook.Key(rule.id(), device, false), 0, wall);
            }
        } else if (nowMs >= ear.judgeFromMs && quietMs >= rule.afterMs() && !rule.suspendsAt(wall)) {
            // A clock that was set meanwhile makes the old time worth nothing.
            long since = Math.min(word.wallMs(), wall - rule.afterMs());
            boolean plausible = wall - since < 10 * 365L * 86_400_000L;
            book.raiseSilence(draft, rule, device, plausible ? since : wall - quietMs, wall);
        }
    }
}

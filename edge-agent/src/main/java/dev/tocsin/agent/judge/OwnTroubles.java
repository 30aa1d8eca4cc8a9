package dev.tocsin.agent.judge;

import dev.tocsin.agent.spool.Draft;
import dev.tocsin.agent.spool.Episode;
import dev.tocsin.agent.spool.Loss;
import dev.tocsin.agent.spool.SpoolStatus;
import dev.tocsin.profiles.alert.Evidence;
import dev.tocsin.profiles.alert.GatewayTrouble;
import dev.tocsin.profiles.reading.Quality;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What is wrong with the gateway itself, told like any alert: its spool gives readings up, its disk takes nothing, its
 * spool was damaged, its clock was set. The subject is the gateway, the rule a {@link GatewayTrouble}. For the writer
 * thread.
 */
final class OwnTroubles {
    /** A trouble that goes on is told again this often, with what it has come to. */
    static final long UPDATE_MS = 30_000;
    /** What is over in a moment stays open this long, so that somebody sees it. */
    static final long SHOWN_MS = 600_000;

    private final String gateway;
    private final AlertBook book;
    private final Clock clock;
    private final LongSupplier monotonicMs;
    private final Supplier<SpoolStatus> spool;
    private final ClockWatch clockWatch;
    /** Monotonic clock. */
    private final Map<GatewayTrouble, Long> toldAtMs = new EnumMap<>(GatewayTrouble.class);

    OwnTroubles(
            String gateway,
            AlertBook book,
            Clock clock,
            LongSupplier monotonicMs,
            Supplier<SpoolStatus> spool,
            ClockWatch clockWatch) {
        this.gateway = gateway;
        this.book = book;
        this.clock = clock;
        this.monotonicMs = monotonicMs;
        this.spool = spool;
        this.clockWatch = clockWatch;
    }

    /** To be called a few times a second. */
    void look(Draft draft) {
        clockWatch.look();
        long now = monotonicMs.getAsLong();
        SpoolStatus status = spool.get();
        tell(draft, GatewayTrouble.EVICTING, status.evicting().goesOnAt(now), evicted(status.evicting()));
        tell(draft, GatewayTrouble.DISK, status.fault() != null, Told.NOTHING);
        Episode damage = status.damage();
        boolean damaged = damage.newest() != Long.MIN_VALUE && now - damage.newest() < SHOWN_MS;
        String lost = status.moreDamaged() ? GatewayTrouble.LOST_READINGS_AT_LEAST : GatewayTrouble.LOST_READINGS;
        tell(
                draft,
                GatewayTrouble.DAMAGED,
                damaged,
                new Told(lost, damage.lost().readings(), "count", Evidence.NONE));
        ClockWatch.Jump jump = clockWatch.newest();
        boolean jumped = jump.count() > 0 && now - jump.atMs() < SHOWN_MS;
        tell(
                draft,
                GatewayTrouble.CLOCK,
                jumped,
                new Told(GatewayTrouble.CLOCK_JUMP, jump.byMs() / 1000.0, "s", Evidence.NONE));
    }

    /** What an alert has to say beside that there is one. */
    private record Told(String metric, double value, String unit, Evidence evidence) {
        static final Told NOTHING = new Told("", 0, "", Evidence.NONE);
    }

    /** How many readings, from when to when: the evidence is none before the first of them, and all at the last. */
    private static Told evicted(Episode episode) {
        Loss lost = episode.lost();
        if (lost.readings() == 0) {
            return new Told(GatewayTrouble.EVICTED_MESSAGES, lost.messages(), "count", Evidence.NONE);
        }
        Evidence.Point[] points = {
            new Evidence.Point(Instant.ofEpochMilli(lost.fromMs()), 0, Quality.GOOD),
            new Evidence.Point(Instant.ofEpochMilli(lost.toMs()), lost.readings(), Quality.GOOD)
        };
        return new Told(GatewayTrouble.EVICTED_READINGS, lost.readings(), "count", new Evidence(null, points));
    }

    private void tell(Draft draft, GatewayTrouble trouble, boolean goesOn, Told told) {
        AlertBook.Key key = new AlertBook.Key(trouble.rule(), gateway, false);
        boolean open = book.isOpen(trouble.rule(), gateway);
        long now = monotonicMs.getAsLong();
        if (goesOn && !open) {
            book.raiseTrouble(
                    draft,
                    trouble.rule(),
                    trouble.severity(),
                    told.metric(),
                    told.value(),
                    told.unit(),
                    told.evidence());
            toldAtMs.put(trouble, now);
        } else if (goesOn) {
            Long last = toldAtMs.putIfAbsent(trouble, now);
            if (last != null && now - last >= UPDATE_MS) {
                book.update(draft, key, told.value(), clock.millis(), told.evidence());
                toldAtMs.put(trouble, now);
            }
        } else if (open) {
            // Of an earlier run only what it told last is known.
            if (toldAtMs.remove(trouble) != null) {
                book.update(draft, key, told.value(), clock.millis(), told.evidence());
            }
            book.clear(draft, key, clock.millis());
        }
    }
}

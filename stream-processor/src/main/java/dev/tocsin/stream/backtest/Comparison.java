package dev.tocsin.stream.backtest;

import dev.tocsin.stream.backtest.ArchivedAlerts.Did;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What would have alarmed beside what did.
 *
 * @param lines in order of time
 * @param notTold how many did alarm of which readings tell nothing: silence, presence, a rule or a device that is there
 *     no more
 */
record Comparison(List<Line> lines, int notTold) {

    /** What a line says. */
    enum What {
        /** It would have alarmed, as it did. */
        SAME,
        /** It would have alarmed, and did not. */
        NEW,
        /** It did alarm, and would not have. */
        GONE
    }

    /** At least one of them is there. */
    record Line(@Nullable Matched would, @Nullable Matched did) {
        What what() {
            if (would == null) {
                return What.GONE;
            }
            return did == null ? What.NEW : What.SAME;
        }

        /** What would have been, or else what was. */
        Matched shown() {
            Matched any = would == null ? did : would;
            if (any == null) {
                throw new IllegalStateException("a line about nothing");
            }
            return any;
        }
    }

    private record Matter(String rule, String device) {
        static Matter of(Matched alert) {
            return new Matter(alert.rule(), alert.device());
        }
    }

    Comparison {
        lines = List.copyOf(lines);
    }

    /**
     * Two alerts are one where rule and device are the same and the onsets differ by no more than {@code tolerance}; of
     * several the earliest go together. What begins outside of the span stands there only as the other half of what
     * begins within it.
     *
     * @param would and {@code did}: with the tolerance on both sides of the span
     */
    static Comparison of(
            List<Matched> would, List<Did> did, SiteState site, Instant from, Instant to, Duration tolerance) {
        Map<Matter, Deque<Matched>> open = new HashMap<>();
        int notTold = 0;
        List<Line> lines = new ArrayList<>();
        List<Did> byOnset = new ArrayList<>(did);
        byOnset.sort(Comparator.comparing(one -> one.alert().onset()));
        for (Did one : byOnset) {
            if (one.hasReadings() && site.knows(one.alert().rule())) {
                open.computeIfAbsent(Matter.of(one.alert()), matter -> new ArrayDeque<>())
                        .add(one.alert());
            } else if (isWithin(one.alert(), from, to)) {
                notTold++;
            }
        }
        List<Matched> wouldByOnset = new ArrayList<>(would);
        wouldByOnset.sort(Comparator.comparing(Matched::onset));
        for (Matched one : wouldByOnset) {
            Deque<Matched> candidates = open.getOrDefault(Matter.of(one), new ArrayDeque<>());
            while (!candidates.isEmpty()
                    && candidates.getFirst().onset().isBefore(one.onset().minus(tolerance))) {
                lines.add(new Line(null, candidates.removeFirst()));
            }
            boolean same = !candidates.isEmpty()
                    && !candidates.getFirst().onset().isAfter(one.onset().plus(tolerance));
            lines.add(new Line(one, same ? candidates.removeFirst() : null));
        }
        open.values().forEach(left -> left.forEach(alert -> lines.add(new Line(null, alert))));
        lines.removeIf(line -> !isWithin(line.would(), from, to) && !isWithin(line.did(), from, to));
        lines.sort(Comparator.<Line, Instant>comparing(line -> line.shown().onset())
                .thenComparing(line -> line.shown().device())
                .thenComparing(line -> line.shown().rule()));
        return new Comparison(lines, notTold);
    }

    long count(What what) {
        return lines.stream().filter(line -> line.what() == what).count();
    }

    private static boolean isWithin(@Nullable Matched alert, Instant from, Instant to) {
        return alert != null && !alert.onset().isBefore(from) && alert.onset().isBefore(to);
    }
}

package dev.tocsin.profiles.correlate;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The alerts of one area that may speak for each other: those that are open, and those that are not long over. A Flink
 * POJO; {@link Correlator} writes it, for one thread.
 */
public final class Neighbourhood {
    static final Comparator<Alert> OLDEST_FIRST =
            Comparator.comparing(Alert::onset).thenComparing(Alert::id);

    /** Beyond, those of least weight are forgotten first: over, a sign of nothing, the oldest. */
    public static final int MAX_MEMBERS = 256;
    /** Fires and floods that go on at the same time; beyond, the one quiet for longest is forgotten first. */
    static final int MAX_COURSES = 32;

    public Member[] members = {};
    public Course[] courses = {};
    /** Members that were forgotten because there were too many. */
    public long forgotten;
    /** When somebody looks whether all this can be forgotten, wall clock; kept by whoever keeps this. */
    public long lookAtMs;

    public Neighbourhood() {}

    /**
     * @param alert as it was heard last, with what was said of it since
     * @param heardMs wall clock
     */
    public record Member(Alert alert, long heardMs) {}

    /**
     * What goes on: a fire that spreads, or a flood of alerts.
     *
     * @param rule of the correlation rules
     * @param scope building, or empty for the area
     * @param kind of the alerts of a flood; empty for a fire
     * @param origin id of the first alert
     * @param place name of the place where it began
     * @param devices of a fire, that have raised
     * @param places of a fire, in which they stand
     * @param count of the alerts of a flood
     * @param told how many the first alert was told of
     * @param firstMs onset of the first alert
     * @param lastMs newest onset
     * @param heardMs wall clock
     */
    public record Course(
            String rule,
            String scope,
            String kind,
            boolean drill,
            String origin,
            String place,
            String[] devices,
            String[] places,
            int count,
            int told,
            long firstMs,
            long lastMs,
            long heardMs) {}

    public boolean isEmpty() {
        return members.length == 0 && courses.length == 0;
    }

    @Nullable
    Alert find(String id) {
        for (Member member : members) {
            if (member.alert().id().equals(id)) {
                return member.alert();
            }
        }
        return null;
    }

    /** In the stead of what was known of the alert. */
    void put(Member member, CorrelationRules rules) {
        List<Member> now = new ArrayList<>(Arrays.asList(members));
        now.removeIf(other -> other.alert().id().equals(member.alert().id()));
        if (now.size() >= MAX_MEMBERS) {
            now.remove(now.stream()
                    .min(Comparator.<Member>comparingInt(other -> weight(other.alert(), rules))
                            .thenComparing(Member::alert, OLDEST_FIRST))
                    .orElseThrow());
            forgotten++;
        }
        now.add(member);
        members = now.toArray(Member[]::new);
    }

    private static int weight(Alert alert, CorrelationRules rules) {
        return (Sign.anyCovers(rules.signs(), alert.rule()) ? 2 : 0) + (alert.state() == AlertState.ACTIVE ? 1 : 0);
    }
}

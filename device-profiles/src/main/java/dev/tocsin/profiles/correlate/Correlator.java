package dev.tocsin.profiles.correlate;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Correlation;
import dev.tocsin.profiles.correlate.Neighbourhood.Course;
import dev.tocsin.profiles.correlate.Neighbourhood.Member;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Hears every publication of an area's alerts, in any order and as often as they come, and says what they mean for each
 * other. Windows are of event time, from onset to onset, so that a replay and a backlog give what live would have
 * given. Drills speak for drills only. What is said of an alert is never taken back. Keeps nothing itself; safe for any
 * thread.
 */
public final class Correlator {
    private final CorrelationRules rules;

    public Correlator(CorrelationRules rules) {
        this.rules = rules;
    }

    public CorrelationRules rules() {
        return rules;
    }

    /**
     * Takes a publication.
     *
     * @param say takes each alert of which something new is to be said, as it is then; the revision is the one that was
     *     heard last
     */
    public void hear(Neighbourhood here, Alert alert, long nowMs, Consumer<Alert> say) {
        Alert known = here.find(alert.id());
        if (known != null && alert.revision() <= known.revision()) {
            return;
        }
        // A drill that became real speaks among the real ones, and what drills said of it does not count.
        if (known != null && (!known.drill() || alert.drill())) {
            here.put(new Member(withWhatWasSaid(alert, known), nowMs), rules);
        } else {
            here.put(new Member(alert, nowMs), rules);
            Hearing hearing = new Hearing(rules, here, alert, nowMs);
            rules.coincidences().forEach(hearing::coincidence);
            rules.sequences().forEach(hearing::sequence);
            rules.spreadings().forEach(hearing::spreading);
            rules.floods().forEach(hearing::flood);
            hearing.changed().forEach(say);
        }
    }

    /**
     * Forgets what is over and was not heard of since {@code beforeMs}, wall clock; the first alert of a flood that is
     * over is told the full count.
     */
    public void forget(Neighbourhood here, long beforeMs, Consumer<Alert> say) {
        List<Course> courses = new ArrayList<>();
        for (Course course : here.courses) {
            if (course.heardMs() > beforeMs) {
                courses.add(course);
            } else if (!course.kind().isEmpty() && course.count() > course.told()) {
                Alert origin = here.find(course.origin());
                if (origin != null) {
                    Alert told = Hearing.grouped(origin, course.rule(), course.origin(), course.count());
                    here.put(new Member(told, course.heardMs()), rules);
                    say.accept(told);
                }
            }
        }
        here.courses = courses.toArray(Course[]::new);
        here.members = Arrays.stream(here.members)
                .filter(member -> member.alert().state() == AlertState.ACTIVE || member.heardMs() > beforeMs)
                .toArray(Member[]::new);
    }

    /** The publication may be older than what was said last. */
    private static Alert withWhatWasSaid(Alert alert, Alert known) {
        if (known.correlation() == null) {
            return alert;
        }
        Correlation said =
                known.said().and(alert.said()).chattering(alert.said().chatter());
        boolean confirmed = known.said().confirmed() != null;
        return alert.correlated(
                confirmed ? known.kind() : alert.kind(), Hearing.worse(known.severity(), alert.severity()), said);
    }
}

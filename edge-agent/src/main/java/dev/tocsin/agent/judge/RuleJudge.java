package dev.tocsin.agent.judge;

import dev.tocsin.agent.spool.Draft;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.detect.Finding;
import dev.tocsin.profiles.detect.Judge;
import dev.tocsin.profiles.detect.Rule;
import dev.tocsin.profiles.detect.RuleState;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.site.EffectiveRules.Effective;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds the rules in force against readings and against time, and remembers what each rule of each subject is in the
 * midst of, over a restart too. For the writer thread.
 */
final class RuleJudge {
    static final String KIND_STATE = AlertBook.KIND_STATE;

    /** Devices whose rules are remembered; of more, those longest unheard of begin anew. */
    static final int MAX_DEVICES = 5_000;
    /** From the start, before delays end that ran in an earlier run. */
    private static final long CATCH_UP_MS = 5_000;
    /** What is kept longest of all that an agent cannot deliver. */
    private static final Set<AlertKind> ALARMS = EnumSet.of(AlertKind.ALARM, AlertKind.PRE_ALARM, AlertKind.SECURITY);

    private final RulesInForce inForce;
    private final Strangers strangers;
    private final AlertBook book;
    private final Clock clock;
    private final Map<Subject, SubjectStates> states = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Subject, SubjectStates> eldest) {
            return size() > MAX_DEVICES;
        }
    };
    /** Wall clock at which a delay of the subject ends. */
    private final Map<Subject, Long> wakeAtMs = new HashMap<>();

    RuleJudge(RulesInForce inForce, Strangers strangers, AlertBook book, Clock clock) {
        this.inForce = inForce;
        this.strangers = strangers;
        this.book = book;
        this.clock = clock;
    }

    /** What an earlier run kept as {@link #KIND_STATE}; what is known meanwhile is newer. */
    void recall(Map<String, byte[]> kept) {
        kept.forEach(this::restore);
    }

    private void restore(String text, byte[] json) {
        AlertBook.Key key;
        try {
            key = AlertBook.Key.of(text);
        } catch (IllegalArgumentException e) {
            book.unreadable(KIND_STATE, text);
            return;
        }
        AlertBook.KeptState kept = book.state(text, json);
        if (kept == null) {
            return;
        }
        Subject subject = Subject.of(key);
        SubjectStates ofSubject = states.computeIfAbsent(subject, s -> new SubjectStates());
        if (ofSubject.get(key.rule()) != null) {
            return;
        }
        ofSubject.put(key.rule(), kept.state());
        ofSubject.judgedBy(kept.profile() == null ? prefixOf(key.rule()) : kept.profile());
        strangers.recall(subject.device());
        // What waited at the broker speaks first.
        wakeAtMs.put(subject, clock.millis() + CATCH_UP_MS);
    }

    /** Whether the rule was judged and holds nothing. */
    boolean isOver(AlertBook.Key key) {
        SubjectStates ofSubject = states.get(Subject.of(key));
        RuleState state = ofSubject == null ? null : ofSubject.get(key.rule());
        return state != null && state.nothingHolds();
    }

    /** Findings, and the rules whose phase is no longer what it was. */
    record Verdict(Subject subject, SubjectStates states, List<Finding> findings, Set<String> changed) {}

    /** What the rules say of the readings; nothing is told of it before {@link #conclude}. */
    Verdict judge(Draft draft, Effective rules, Subject subject, List<Reading> readings) {
        Profile profile = rules.profile();
        SubjectStates ofSubject = states.computeIfAbsent(subject, s -> new SubjectStates());
        if (!ofSubject.isJudgedBy(profile.id(), rules.mark())) {
            letGoOfAllBut(draft, subject, ofSubject, rules);
            ofSubject.judgedBy(profile.id(), rules.mark());
        }
        List<Finding> findings = new ArrayList<>(0);
        if (profile.rules().isEmpty()) {
            return new Verdict(subject, ofSubject, findings, Set.of());
        }
        Map<String, Integer> before = ofSubject.phases();
        Judge.onReadings(
                profile,
                DeviceReadings.of(subject.device(), profile.id(), subject.replayed(), 0, readings),
                ofSubject,
                findings::add);
        long wake = Judge.wakeAtMs(profile, ofSubject);
        if (wake == Long.MAX_VALUE) {
            wakeAtMs.remove(subject);
        } else {
            wakeAtMs.put(subject, wake);
        }
        return new Verdict(subject, ofSubject, findings, ofSubject.changedSince(before));
    }

    /** Keeps what the rules have come to and tells what they found. */
    void conclude(Draft draft, Verdict verdict) {
        keepStates(draft, verdict);
        for (Finding finding : verdict.findings()) {
            draft.flush();
            if (ALARMS.contains(finding.kind())) {
                draft.alarm();
            }
            book.onFinding(draft, finding);
        }
    }

    private static void keepStates(Draft draft, Verdict verdict) {
        for (String rule : verdict.changed()) {
            RuleState state = verdict.states().get(rule);
            AlertBook.Key key = verdict.subject().key(rule);
            if (state == null || state.nothingHolds()) {
                AlertBook.dropState(draft, key);
            } else {
                AlertBook.keepState(draft, key, verdict.states().profile(), state);
            }
        }
    }

    /** Ends the delays that ran out. */
    void wake(Draft draft) {
        long now = clock.millis();
        Map<Subject, Long> next = new HashMap<>();
        for (Iterator<Map.Entry<Subject, Long>> entries = wakeAtMs.entrySet().iterator(); entries.hasNext(); ) {
            Map.Entry<Subject, Long> entry = entries.next();
            if (entry.getValue() <= now) {
                entries.remove();
                wake(draft, entry.getKey(), now, next);
            }
        }
        wakeAtMs.putAll(next);
    }

    private void wake(Draft draft, Subject subject, long now, Map<Subject, Long> next) {
        SubjectStates ofSubject = states.get(subject);
        if (ofSubject == null) {
            return;
        }
        Effective rules = inForce.of(subject.device(), ofSubject.profile());
        if (rules == null) {
            return;
        }
        List<Finding> findings = new ArrayList<>();
        Map<String, Integer> before = ofSubject.phases();
        Judge.wake(rules.profile(), subject.device(), ofSubject, now, findings::add);
        long again = Judge.wakeAtMs(rules.profile(), ofSubject);
        if (again != Long.MAX_VALUE) {
            next.put(subject, again);
        }
        conclude(draft, new Verdict(subject, ofSubject, findings, ofSubject.changedSince(before)));
    }

    /** What can neither be found again nor cleared by readings, because its device or its rule is gone. */
    void letGoOfWhatIsGone(Draft draft) {
        states.forEach((subject, ofSubject) -> {
            Effective rules = inForce.of(subject.device(), ofSubject.profile());
            if (rules != null) {
                letGoOfAllBut(draft, subject, ofSubject, rules);
            } else {
                ofSubject.holding().forEach(rule -> letGo(draft, subject.key(rule), ofSubject));
            }
        });
        for (AlertBook.Key key : book.keys()) {
            if (key.rule().startsWith(EdgeJudge.OF_GATEWAY)) {
                continue;
            }
            SubjectStates ofSubject = states.get(Subject.of(key));
            String judgedAs =
                    ofSubject == null || ofSubject.profile().isEmpty() ? prefixOf(key.rule()) : ofSubject.profile();
            Effective rules = inForce.of(key.subject(), judgedAs);
            if (rules == null || !rules.has(key.rule())) {
                letGo(draft, key, ofSubject);
            }
        }
    }

    /** What a stranger left that says nothing more. */
    void letGoOf(Draft draft, String stranger) {
        book.keys().stream()
                .filter(key -> key.subject().equals(stranger))
                .forEach(key -> letGo(draft, key, states.get(Subject.of(key))));
    }

    /** Forgets the states of rules that the device does not have, or not any more, and clears what they held. */
    private void letGoOfAllBut(Draft draft, Subject subject, SubjectStates ofSubject, Effective rules) {
        for (String rule : ofSubject.rules()) {
            if (!rules.has(rule)) {
                letGo(draft, subject.key(rule), ofSubject);
            }
        }
    }

    private void letGo(Draft draft, AlertBook.Key key, @Nullable SubjectStates ofSubject) {
        RuleState state = ofSubject == null ? null : ofSubject.get(key.rule());
        if (ofSubject != null) {
            ofSubject.remove(key.rule());
        }
        AlertBook.dropState(draft, key);
        book.clear(draft, key, state == null ? 0 : state.value, clock.millis());
    }

    /** {@link EdgeJudge#reset}. */
    List<String> reset(Draft draft, String device, @Nullable String rule) {
        Subject subject = new Subject(device, false);
        SubjectStates ofSubject = states.get(subject);
        Effective rules = ofSubject == null ? null : inForce.of(device, ofSubject.profile());
        if (ofSubject == null || rules == null) {
            return List.of();
        }
        List<String> latched = rules.profile().rules().stream()
                .filter(Rule::latching)
                .map(Rule::id)
                .filter(id -> rule == null || rule.equals(id))
                .filter(ofSubject.holding()::contains)
                .toList();
        latched.forEach(id -> letGo(draft, subject.key(id), ofSubject));
        return latched;
    }

    private static String prefixOf(String rule) {
        int slash = rule.indexOf('/');
        return slash < 0 ? rule : rule.substring(0, slash);
    }
}

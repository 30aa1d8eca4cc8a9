package dev.tocsin.agent.judge;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.spool.Draft;
import dev.tocsin.agent.spool.SpoolStatus;
import dev.tocsin.agent.spool.Via;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.GatewayTrouble;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.detect.Finding;
import dev.tocsin.profiles.detect.Judge;
import dev.tocsin.profiles.detect.QualityJudge;
import dev.tocsin.profiles.detect.Rule;
import dev.tocsin.profiles.detect.RuleState;
import dev.tocsin.profiles.detect.RuleStates;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.site.EffectiveRules.Effective;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Judges what is about to be stored: absorbs what a device sent before, judges the quality of the rest, whose time the
 * decoder decided, and holds the rules against it, the profile's with what the site changed of them. The alert goes into the same commit as the readings that prove it. For
 * the writer thread.
 */
public final class EdgeJudge {
    /** Devices whose rules are remembered; of more, those longest unheard of begin anew. */
    static final int MAX_DEVICES = 5_000;
    /** 20,000 devices with five metrics that can jump. */
    private static final int MAX_JUDGED_SERIES = 100_000;
    /** From the start, before delays end that ran in an earlier run. */
    private static final long CATCH_UP_MS = 5_000;
    /** An alarm of a device that is not enrolled and says nothing more is over after this. */
    private static final long STRANGER_GONE_MS = 24 * 3_600_000L;

    /** Begins the rules about the gateway itself, which no profile has. */
    public static final String OF_GATEWAY = "gateway/";
    /** What is kept longest of all that an agent cannot deliver. */
    private static final Set<AlertKind> ALARMS = EnumSet.of(AlertKind.ALARM, AlertKind.PRE_ALARM, AlertKind.SECURITY);

    private final String gateway;
    private final Registry registry;
    private final Clock clock;
    private final AlertBook book;
    private final SilenceWatch silence;
    private final Map<Subject, States> states = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Subject, States> eldest) {
            return size() > MAX_DEVICES;
        }
    };
    /** Wall clock at which a delay of the device ends. */
    private final Map<Subject, Long> wakeAtMs = new HashMap<>();
    /** Devices that are not enrolled where they should be, with an alarm once seen; monotonic clock of their last word. */
    private final Map<String, Long> strangers = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MAX_DEVICES;
        }
    };

    private final QualityJudge quality = new QualityJudge(MAX_JUDGED_SERIES);
    private final LongSupplier monotonicMs;

    private long registryChange = -1;
    private @Nullable OwnTroubles troubles;

    /** What is judged apart: what a recording says of a device has nothing to do with what the device says. */
    private record Subject(String device, boolean replayed) {}

    private static final class States implements RuleStates {
        private final Map<String, RuleState> byRule = new HashMap<>(4);
        /** By which its device was last judged: a rule set's rule does not tell it. Empty when it never was. */
        private String profile = "";

        /** Of the rules that it was last judged by. */
        private long mark;

        @Override
        public @Nullable RuleState get(String ruleId) {
            return byRule.get(ruleId);
        }

        @Override
        public void put(String ruleId, RuleState state) {
            byRule.put(ruleId, state);
        }

        @Override
        public void remove(String ruleId) {
            byRule.remove(ruleId);
        }

        Map<String, Integer> phases() {
            Map<String, Integer> phases = new HashMap<>(4);
            byRule.forEach((rule, state) -> phases.put(rule, state.phase));
            return phases;
        }

        /** Rules that a delay runs of, or that are raised. */
        List<String> holding() {
            return byRule.entrySet().stream()
                    .filter(entry -> !entry.getValue().nothingHolds())
                    .map(Map.Entry::getKey)
                    .toList();
        }

        Set<String> changedSince(Map<String, Integer> before) {
            Set<String> changed = new HashSet<>(0);
            byRule.forEach((rule, state) -> {
                Integer phase = before.get(rule);
                if (phase == null ? !state.nothingHolds() : phase != state.phase) {
                    changed.add(rule);
                }
            });
            return changed;
        }
    }

    /** What an earlier run kept in the spool. */
    public record Memory(Map<String, byte[]> alerts, Map<String, byte[]> ruleStates, Map<String, byte[]> heard) {}

    /** The kinds of documents that {@link Memory} is made of. */
    public static final String KIND_ALERT = AlertBook.KIND_ALERT;

    public static final String KIND_STATE = AlertBook.KIND_STATE;
    public static final String KIND_HEARD = SilenceWatch.KIND_HEARD;

    /**
     * @param monotonicMs elapsed time, for silence
     * @param brokersUpSinceMs of each field broker by its way, since when it is connected, by that clock;
     *     {@link Long#MAX_VALUE} for not
     */
    public EdgeJudge(
            String gateway,
            Registry registry,
            Memory memory,
            Clock clock,
            LongSupplier monotonicMs,
            Map<String, LongSupplier> brokersUpSinceMs) {
        this.gateway = gateway;
        this.registry = registry;
        this.clock = clock;
        this.book = new AlertBook(gateway, registry, clock, memory.alerts());
        this.monotonicMs = monotonicMs;
        this.silence = new SilenceWatch(registry, book, memory.heard(), clock, monotonicMs, brokersUpSinceMs);
        recallStates(memory);
    }

    /** Looks after the gateway itself, too. */
    public void watchOver(Supplier<SpoolStatus> spool, ClockWatch clockWatch) {
        troubles = new OwnTroubles(gateway, book, clock, monotonicMs, spool, clockWatch);
    }

    /** What an earlier run kept and could not be read at the start; what is known meanwhile is newer. */
    public void recall(Memory memory) {
        book.recall(memory.alerts());
        silence.recall(memory.heard());
        recallStates(memory);
    }

    private void recallStates(Memory memory) {
        memory.ruleStates().forEach(this::restore);
        for (AlertBook.Key key : book.keys()) {
            if (isStranger(key.subject()) && GatewayTrouble.of(key.rule()) == null) {
                strangers.put(key.subject(), monotonicMs.getAsLong());
            }
        }
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
        if (kept != null) {
            Subject subject = new Subject(key.subject(), key.drill());
            States ofSubject = states.computeIfAbsent(subject, d -> new States());
            if (ofSubject.get(key.rule()) != null) {
                return;
            }
            ofSubject.put(key.rule(), kept.state());
            ofSubject.profile = kept.profile() == null ? prefixOf(key.rule()) : kept.profile();
            if (isStranger(key.subject())) {
                strangers.put(key.subject(), monotonicMs.getAsLong());
            }
            // What waited at the broker speaks first.
            wakeAtMs.put(subject, clock.millis() + CATCH_UP_MS);
        }
    }

    private boolean isStranger(String device) {
        return !device.equals(gateway) && registry.profileOf(device) == null && !registry.open();
    }

    /**
     * Puts the readings of one message into the draft, with what follows from them.
     *
     * @param heardBy how the device was heard just now; nothing where the message says only what was
     */
    public void onReadings(
            Draft draft,
            Profile profile,
            String device,
            boolean replayed,
            List<Reading> readings,
            @Nullable Via heardBy) {
        // Re-sends are sorted out first: the same sample twice is no second witness of anything.
        List<Reading> fresh = quality.judge(profile, replayed, draft.withoutResent(readings));
        if (!fresh.isEmpty()) {
            Verdict verdict = judge(draft, registry.rulesOf(profile, device), new Subject(device, replayed), fresh);
            draft.readings(device, profile.id(), replayed, fresh);
            conclude(draft, verdict);
        }
        if (heardBy != null && !replayed) {
            silence.heard(draft, device, profile.id(), heardBy);
        }
    }

    /** Stores readings that were judged in passing when they came for the first time: what followed from them is known. */
    public void onJudged(Draft draft, Profile profile, String device, boolean replayed, List<Reading> readings) {
        draft.readings(device, profile.id(), replayed, quality.judge(profile, replayed, draft.withoutResent(readings)));
    }

    /**
     * What a device says that is not enrolled where only enrolled ones are taken. Its readings are not kept as such, but
     * an alarm is shown, at the place of this gateway.
     */
    public void onStranger(Draft draft, Profile profile, String device, List<Reading> readings) {
        Effective alarms = alarmsOf(registry.rulesOf(profile, device));
        if (alarms.profile().rules().isEmpty()) {
            return;
        }
        Verdict verdict = judge(draft, alarms, new Subject(device, false), quality.judge(profile, false, readings));
        if (!verdict.changed().isEmpty() || strangers.containsKey(device)) {
            strangers.put(device, monotonicMs.getAsLong());
        }
        conclude(draft, verdict);
    }

    /** Findings, and the rules whose phase is no longer what it was. */
    private record Verdict(Subject subject, States states, List<Finding> findings, Set<String> changed) {}

    private static Effective alarmsOf(Effective rules) {
        Profile profile = rules.profile();
        return new Effective(
                profile.withRules(profile.rules().stream()
                        .filter(rule -> rule.kind() == AlertKind.ALARM)
                        .toList()),
                rules.silence(),
                rules.mark());
    }

    private Verdict judge(Draft draft, Effective rules, Subject subject, List<Reading> readings) {
        Profile profile = rules.profile();
        States ofSubject = states.computeIfAbsent(subject, d -> new States());
        if (ofSubject.mark != rules.mark() || !ofSubject.profile.equals(profile.id())) {
            letGoOfAllBut(draft, subject, ofSubject, rules);
            ofSubject.profile = profile.id();
            ofSubject.mark = rules.mark();
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
        rememberWake(subject, Judge.wakeAtMs(profile, ofSubject));
        return new Verdict(subject, ofSubject, findings, ofSubject.changedSince(before));
    }

    /** Ends delays that ran out and looks for silent devices; to be called a few times a second. */
    public void tick(Draft draft) {
        long now = clock.millis();
        book.dropUnreadable(draft);
        Map<Subject, Long> next = new HashMap<>();
        for (Iterator<Map.Entry<Subject, Long>> entries = wakeAtMs.entrySet().iterator(); entries.hasNext(); ) {
            Map.Entry<Subject, Long> entry = entries.next();
            if (entry.getValue() <= now) {
                entries.remove();
                wake(draft, entry.getKey(), now, next);
            }
        }
        wakeAtMs.putAll(next);
        if (registryChange != registry.changes()) {
            registryChange = registry.changes();
            silence.prune(draft);
            letGoOfWhatIsGone(draft);
        }
        silence.look(draft);
        forgetStrangers(draft);
        if (troubles != null) {
            troubles.look(draft);
        }
    }

    private void wake(Draft draft, Subject subject, long now, Map<Subject, Long> next) {
        States ofSubject = states.get(subject);
        if (ofSubject == null) {
            return;
        }
        Effective rules = rulesOf(subject.device(), ofSubject.profile);
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

    /**
     * By what a device is judged that was last judged as {@code judgedAs}; nothing where it is nobody's, or of no profile
     * that is known.
     */
    private @Nullable Effective rulesOf(String device, String judgedAs) {
        String enrolledAs = registry.profileOf(device);
        boolean stranger = enrolledAs == null && !registry.open();
        if (stranger && !strangers.containsKey(device)) {
            return null;
        }
        Profile profile = registry.catalog().find(enrolledAs == null ? judgedAs : enrolledAs);
        if (profile == null) {
            return null;
        }
        Effective rules = registry.rulesOf(profile, device);
        return stranger ? alarmsOf(rules) : rules;
    }

    private static void keepStates(Draft draft, Verdict verdict) {
        for (String rule : verdict.changed()) {
            RuleState state = verdict.states().get(rule);
            AlertBook.Key key = keyOf(rule, verdict.subject());
            if (state == null || state.nothingHolds()) {
                AlertBook.dropState(draft, key);
            } else {
                AlertBook.keepState(draft, key, verdict.states().profile, state);
            }
        }
    }

    private static AlertBook.Key keyOf(String rule, Subject subject) {
        return new AlertBook.Key(rule, subject.device(), subject.replayed());
    }

    private void conclude(Draft draft, Verdict verdict) {
        keepStates(draft, verdict);
        for (Finding finding : verdict.findings()) {
            draft.flush();
            if (ALARMS.contains(finding.kind())) {
                draft.alarm();
            }
            book.onFinding(draft, finding);
        }
    }

    /** What can neither be found again nor cleared by readings, because its device or its rule is gone. */
    private void letGoOfWhatIsGone(Draft draft) {
        states.forEach((subject, ofSubject) -> {
            Effective rules = rulesOf(subject.device(), ofSubject.profile);
            if (rules != null) {
                letGoOfAllBut(draft, subject, ofSubject, rules);
            } else {
                ofSubject.holding().forEach(rule -> letGo(draft, keyOf(rule, subject), ofSubject));
            }
        });
        for (AlertBook.Key key : book.keys()) {
            if (key.rule().startsWith(OF_GATEWAY)) {
                continue;
            }
            States ofSubject = states.get(new Subject(key.subject(), key.drill()));
            String judgedAs =
                    ofSubject == null || ofSubject.profile.isEmpty() ? prefixOf(key.rule()) : ofSubject.profile;
            Effective rules = rulesOf(key.subject(), judgedAs);
            boolean own = GatewayTrouble.of(key.rule()) != null;
            if (!own && (rules == null || !rules.has(key.rule()))) {
                letGo(draft, key, ofSubject);
            }
        }
    }

    /** Forgets the states of rules that the device does not have, or not any more, and clears what they held. */
    private void letGoOfAllBut(Draft draft, Subject subject, States ofSubject, Effective rules) {
        for (String rule : List.copyOf(ofSubject.byRule.keySet())) {
            if (!rules.has(rule)) {
                letGo(draft, keyOf(rule, subject), ofSubject);
            }
        }
    }

    private void letGo(Draft draft, AlertBook.Key key, @Nullable States ofSubject) {
        RuleState state = ofSubject == null ? null : ofSubject.byRule.remove(key.rule());
        AlertBook.dropState(draft, key);
        book.clear(draft, key, state == null ? 0 : state.value, clock.millis());
    }

    private void forgetStrangers(Draft draft) {
        long now = monotonicMs.getAsLong();
        for (Iterator<Map.Entry<String, Long>> entries = strangers.entrySet().iterator(); entries.hasNext(); ) {
            Map.Entry<String, Long> stranger = entries.next();
            if (now - stranger.getValue() > STRANGER_GONE_MS) {
                entries.remove();
                if (isStranger(stranger.getKey())) {
                    book.keys().stream()
                            .filter(key -> key.subject().equals(stranger.getKey()))
                            .forEach(key -> letGo(draft, key, states.get(new Subject(key.subject(), key.drill()))));
                }
            }
        }
    }

    /** Told of each alert that is raised or cleared, before it is on disk; on the writer thread, must not wait. */
    public void onAlert(Consumer<Alert> listener) {
        book.onAlert(listener);
    }

    /** The alerts that stand; before the writer thread runs, or on it. */
    public List<Alert> open() {
        return book.open();
    }

    /**
     * Something of the gateway itself does not work, or works again.
     *
     * @param rule below {@link #OF_GATEWAY}
     */
    public void trouble(Draft draft, String rule, Severity severity, boolean stands) {
        if (stands) {
            book.raiseTrouble(draft, rule, severity);
        } else {
            book.clear(draft, new AlertBook.Key(rule, gateway, false), 0, clock.millis());
        }
    }

    /**
     * Lets go of what latching rules of a device hold; what is still so is raised again by its next reading.
     *
     * @param rule that one only; nothing for all of the device
     * @return the rules that were reset
     */
    public List<String> reset(Draft draft, String device, @Nullable String rule) {
        Subject subject = new Subject(device, false);
        States ofSubject = states.get(subject);
        Effective rules = ofSubject == null ? null : rulesOf(device, ofSubject.profile);
        if (ofSubject == null || rules == null) {
            return List.of();
        }
        List<String> latched = rules.profile().rules().stream()
                .filter(Rule::latching)
                .map(Rule::id)
                .filter(id -> rule == null || rule.equals(id))
                .filter(ofSubject.holding()::contains)
                .toList();
        latched.forEach(id -> letGo(draft, keyOf(id, subject), ofSubject));
        return latched;
    }

    /** Records of earlier runs that could not be read, since the start. */
    public int unreadableRecords() {
        return book.unreadableRecords();
    }

    public int openAlerts() {
        return book.size();
    }

    private void rememberWake(Subject subject, long atMs) {
        if (atMs == Long.MAX_VALUE) {
            wakeAtMs.remove(subject);
        } else {
            wakeAtMs.put(subject, atMs);
        }
    }

    private static String prefixOf(String rule) {
        int slash = rule.indexOf('/');
        return slash < 0 ? rule : rule.substring(0, slash);
    }
}

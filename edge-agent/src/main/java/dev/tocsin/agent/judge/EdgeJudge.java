package dev.tocsin.agent.judge;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.spool.Draft;
import dev.tocsin.profiles.detect.Finding;
import dev.tocsin.profiles.detect.Judge;
import dev.tocsin.profiles.detect.RuleState;
import dev.tocsin.profiles.detect.RuleStates;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Reading;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Judges what is about to be stored: absorbs what a device sent before and holds the rules against
 * the rest, whose time and quality the decoder decided. The alert goes into the same commit as the readings that prove it. For the writer thread.
 */
public final class EdgeJudge {
    /** Devices whose rules are remembered; of more, those longest unheard of begin anew. */
    static final int MAX_DEVICES = 5_000;

    private final Registry registry;
    private final Clock clock;
    private final AlertBook book;
    private final SilenceWatch silence;
    private final Map<String, States> states = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, States> eldest) {
            return size() > MAX_DEVICES;
        }
    };
    /** Wall clock at which a delay of the device ends. */
    private final Map<String, Long> wakeAtMs = new HashMap<>();

    private long registryVersion = -1;

    private static final class States implements RuleStates {
        private final Map<String, RuleState> byRule = new HashMap<>(4);

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
    }

    /** What an earlier run kept in the spool. */
    public record Memory(Map<String, byte[]> alerts, Map<String, byte[]> ruleStates) {}

    /** The kinds of documents that {@link Memory} is made of. */
    public static final String KIND_ALERT = AlertBook.KIND_ALERT;

    public static final String KIND_STATE = AlertBook.KIND_STATE;

    /**
     * @param monotonicMs elapsed time, for silence
     * @param fieldUpSinceMs since when the field broker is connected, by that clock; {@link Long#MAX_VALUE} for not
     */
    public EdgeJudge(
            String gateway,
            Registry registry,
            Memory memory,
            Clock clock,
            LongSupplier monotonicMs,
            LongSupplier fieldUpSinceMs) {
        this.registry = registry;
        this.clock = clock;
        this.book = new AlertBook(gateway, registry, clock, memory.alerts());
        this.silence = new SilenceWatch(registry, book, clock, monotonicMs, fieldUpSinceMs);
        for (AlertBook.Key key : book.keys()) {
            byte[] state = memory.ruleStates().get(key.text());
            if (state != null) {
                states.computeIfAbsent(key.subject(), d -> new States()).put(key.rule(), AlertBook.state(state));
                wakeAtMs.put(key.subject(), 0L);
            }
        }
    }

    /** Puts the readings of one message into the draft, with what follows from them. */
    public void onReadings(Draft draft, Profile profile, String device, boolean replayed, List<Reading> readings) {
        List<Reading> fresh = draft.withoutResent(readings);
        if (fresh.isEmpty()) {
            silence.heard(draft, device, profile.id(), replayed);
            return;
        }
        List<Finding> findings = new ArrayList<>(0);
        States deviceStates = states.computeIfAbsent(device, d -> new States());
        if (!profile.rules().isEmpty()) {
            Judge.onReadings(
                    profile, DeviceReadings.of(device, profile.id(), replayed, 0, fresh), deviceStates, findings::add);
            rememberWake(device, Judge.wakeAtMs(profile, deviceStates));
        }
        draft.readings(device, profile.id(), replayed, fresh);
        conclude(draft, findings, deviceStates);
        silence.heard(draft, device, profile.id(), replayed);
    }

    /** Ends delays that ran out and looks for silent devices; to be called a few times a second. */
    public void tick(Draft draft) {
        long now = clock.millis();
        Map<String, Long> next = new HashMap<>();
        for (Iterator<Map.Entry<String, Long>> entries = wakeAtMs.entrySet().iterator(); entries.hasNext(); ) {
            Map.Entry<String, Long> entry = entries.next();
            if (entry.getValue() <= now) {
                entries.remove();
                wake(draft, entry.getKey(), now, next);
            }
        }
        wakeAtMs.putAll(next);
        silence.look(draft);
        if (registryVersion != registry.version()) {
            registryVersion = registry.version();
            clearOrphans(draft);
        }
    }

    private void wake(Draft draft, String device, long now, Map<String, Long> next) {
        States deviceStates = states.get(device);
        if (deviceStates == null) {
            return;
        }
        List<Finding> findings = new ArrayList<>();
        for (String profileId : deviceStates.byRule.keySet().stream()
                .map(EdgeJudge::profileOf)
                .distinct()
                .toList()) {
            Profile profile = registry.catalog().find(profileId);
            if (profile != null) {
                Judge.wake(profile, device, deviceStates, now, findings::add);
                long again = Judge.wakeAtMs(profile, deviceStates);
                if (again != Long.MAX_VALUE) {
                    next.merge(device, again, Math::min);
                }
            }
        }
        conclude(draft, findings, deviceStates);
    }

    private void conclude(Draft draft, List<Finding> findings, States deviceStates) {
        for (Finding finding : findings) {
            draft.flush();
            book.onFinding(draft, finding, deviceStates.get(finding.rule()));
        }
    }

    /** A rule that a new profile does not have any more can neither be found again nor cleared by readings. */
    private void clearOrphans(Draft draft) {
        for (AlertBook.Key key : book.keys()) {
            Profile profile = registry.catalog().find(profileOf(key.rule()));
            boolean known = profile == null
                    || key.rule().equals(SilenceWatch.rule(profile.id()))
                    || profile.rules().stream().anyMatch(rule -> rule.id().equals(key.rule()));
            if (!known) {
                book.clear(draft, key, 0, clock.millis());
            }
        }
    }

    public int openAlerts() {
        return book.size();
    }

    private void rememberWake(String device, long atMs) {
        if (atMs == Long.MAX_VALUE) {
            wakeAtMs.remove(device);
        } else {
            wakeAtMs.put(device, atMs);
        }
    }

    private static String profileOf(String rule) {
        int slash = rule.indexOf('/');
        return slash < 0 ? rule : rule.substring(0, slash);
    }
}

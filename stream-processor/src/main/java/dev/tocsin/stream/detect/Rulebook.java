package dev.tocsin.stream.detect;

import dev.tocsin.profiles.detect.Finding;
import dev.tocsin.profiles.detect.Judge;
import dev.tocsin.profiles.detect.RuleState;
import dev.tocsin.profiles.detect.RuleStates;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Rejected;
import dev.tocsin.stream.ingest.PlacedReadings;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.jspecify.annotations.Nullable;

/**
 * The rules of the device under the current key: their states, what they hold raised, and the judging itself. Replayed
 * readings have states of their own, because a recording's time and values say nothing of the device as it is. What is
 * the same for live readings and for a backlog stands here; for the thread of its operator.
 */
final class Rulebook {
    /** No rule's id has a blank. */
    private static final String DRILL = " drill";

    /** By rule. */
    static final MapStateDescriptor<String, Held> HELD = new MapStateDescriptor<>("held", String.class, Held.class);

    private final MapState<String, RuleState> rules;
    private final MapState<String, Held> held;
    private final Counter judged;
    private final Counter indigestible;
    private final States live = new States("");
    private final States drill = new States(DRILL);
    /** By the rule's id, of the current element. */
    private final Map<String, RuleState> touched = new HashMap<>();

    private final RuleStates touchedOnly = new Touched();

    Rulebook(RuntimeContext context) {
        rules = context.getMapState(new MapStateDescriptor<>("rules", String.class, RuleState.class));
        held = context.getMapState(HELD);
        judged = context.getMetricGroup().counter("readingsJudged");
        indigestible = context.getMetricGroup().counter("readingsIndigestible");
    }

    /** Judges a batch; what the rules cannot digest leaves as one {@link Rejected}, and the archive keeps it too. */
    void judge(
            PlacedReadings placed, Profile profile, Where here, Consumer<Finding> findings, Consumer<Rejected> poison) {
        DeviceReadings readings = placed.readings();
        touched.clear();
        try {
            Judge.onReadings(profile, readings, states(readings.replayed()), finding -> {
                keep(finding, here);
                findings.accept(finding);
            });
            judged.inc(readings.count());
        } catch (IllegalArgumentException | ArithmeticException e) {
            // A rule that cannot digest the readings of one device must not hold up those of others.
            indigestible.inc(readings.count());
            poison.accept(rejected(placed, e));
        }
    }

    /** By the gateway's clock; {@link Long#MAX_VALUE} for never. */
    long wakeAtMs(Profile profile) {
        return Judge.wakeAtMs(profile, live);
    }

    /**
     * Of the rules that {@link #judge} touched last: whoever set a timer for the others when it touched them need not read
     * them again, which would cost as much as the judging.
     */
    long wakeOfTouchedAtMs(Profile profile) {
        return touched.isEmpty() ? Long.MAX_VALUE : Judge.wakeAtMs(profile, touchedOnly);
    }

    /** Ends the delays that had run out at {@code nowMs} by the gateway's clock. */
    void wake(Profile profile, String device, Where here, long nowMs, Consumer<Finding> findings) {
        Judge.wake(profile, device, live, nowMs, finding -> {
            keep(finding, here);
            findings.accept(finding);
        });
    }

    /** What is held by rules that the profile does not have, or not any more; they are forgotten. */
    List<Released> releaseAllBut(Profile profile) throws Exception {
        return release(
                key -> profile.rules().stream().noneMatch(rule -> rule.id().equals(ruleOf(key))));
    }

    /** Everything that is held; the rules of the device are forgotten. */
    List<Released> releaseAll() throws Exception {
        List<Released> released = release(key -> true);
        rules.clear();
        held.clear();
        return released;
    }

    /** What replayed readings hold; their rules are forgotten. */
    List<Released> releaseDrills() throws Exception {
        return release(key -> key.endsWith(DRILL));
    }

    /** A raise, and the newest reading of its rule. */
    record Released(Held held, double lastValue, long newestMs) {}

    private List<Released> release(java.util.function.Predicate<String> which) throws Exception {
        List<Released> released = new ArrayList<>();
        List<String> gone = new ArrayList<>();
        for (Map.Entry<String, RuleState> entry : rules.entries()) {
            if (which.test(entry.getKey())) {
                gone.add(entry.getKey());
            }
        }
        for (String key : gone) {
            RuleState state = rules.get(key);
            Held raise = held.get(key);
            if (raise != null) {
                released.add(new Released(raise, state.value, state.newestMs));
                held.remove(key);
            }
            rules.remove(key);
        }
        return released;
    }

    private void keep(Finding finding, Where here) {
        String key = finding.rule() + (finding.replayed() ? DRILL : "");
        try {
            if (finding.raised()) {
                held.put(key, new Held(finding, here));
            } else {
                held.remove(key);
            }
        } catch (Exception e) {
            throw new IllegalStateException("state of " + finding.device() + " cannot be written", e);
        }
    }

    private States states(boolean replayed) {
        return replayed ? drill : live;
    }

    private static String ruleOf(String key) {
        return key.endsWith(DRILL) ? key.substring(0, key.length() - DRILL.length()) : key;
    }

    private static Rejected rejected(PlacedReadings placed, RuntimeException cause) {
        DeviceReadings readings = placed.readings();
        String name = placed.gateway() + "\n" + readings.device() + "\n" + readings.firstSequence() + "\n"
                + readings.observedAtMs()[0];
        return new Rejected(
                UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString(),
                placed.gateway(),
                "detect:" + readings.profile(),
                readings.device(),
                Rejected.Reason.INDIGESTIBLE,
                cause.toString(),
                readings.toList().toString().getBytes(StandardCharsets.UTF_8),
                Instant.ofEpochMilli(placed.receivedAtMs()));
    }

    /** The current device's states, of real readings or of replayed ones. */
    private final class States implements RuleStates {
        private final String suffix;

        States(String suffix) {
            this.suffix = suffix;
        }

        @Override
        public @Nullable RuleState get(String ruleId) {
            try {
                return rules.get(key(ruleId));
            } catch (Exception e) {
                throw new IllegalStateException("state of rule " + ruleId + " cannot be read", e);
            }
        }

        @Override
        public void put(String ruleId, RuleState state) {
            try {
                rules.put(key(ruleId), state);
                touched.put(ruleId, state);
            } catch (Exception e) {
                throw new IllegalStateException("state of rule " + ruleId + " cannot be written", e);
            }
        }

        @Override
        public void remove(String ruleId) {
            try {
                rules.remove(key(ruleId));
                touched.remove(ruleId);
            } catch (Exception e) {
                throw new IllegalStateException("state of rule " + ruleId + " cannot be removed", e);
            }
        }

        /** The id itself where it can be: another string, though equal, would be hashed anew each time. */
        private String key(String ruleId) {
            return suffix.isEmpty() ? ruleId : ruleId + suffix;
        }
    }

    /** What the current element has touched, to be read only. */
    private final class Touched implements RuleStates {
        @Override
        public @Nullable RuleState get(String ruleId) {
            return touched.get(ruleId);
        }

        @Override
        public void put(String ruleId, RuleState state) {
            throw new UnsupportedOperationException("to be read only");
        }

        @Override
        public void remove(String ruleId) {
            throw new UnsupportedOperationException("to be read only");
        }
    }
}

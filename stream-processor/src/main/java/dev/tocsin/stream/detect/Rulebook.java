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
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.jspecify.annotations.Nullable;

/**
 * The rules of the device under the current key: what they hold raised, and the judging itself. Their states are the
 * caller's, who keeps them. Replayed readings have states of their own, because a recording's time and values say nothing of the device as it is. What is
 * the same for live readings and for a backlog stands here; for the thread of its operator.
 */
final class Rulebook {
    /** No rule's id has a blank. */
    private static final String DRILL = " drill";

    /** By rule. */
    static final MapStateDescriptor<String, Held> HELD = new MapStateDescriptor<>("held", String.class, Held.class);

    private final MapState<String, Held> held;
    private final Counter judged;
    private final Counter indigestible;
    private final States live = new States("");
    private final States drill = new States(DRILL);

    Rulebook(RuntimeContext context) {
        held = context.getMapState(HELD);
        judged = context.getMetricGroup().counter("readingsJudged");
        indigestible = context.getMetricGroup().counter("readingsIndigestible");
    }

    /** Judges a batch; what the rules cannot digest leaves as one {@link Rejected}, and the archive keeps it too. */
    void judge(
            DeviceState device,
            PlacedReadings placed,
            Profile profile,
            Where here,
            Consumer<Finding> findings,
            Consumer<Rejected> poison) {
        DeviceReadings readings = placed.readings();
        States states = readings.replayed() ? drill : live;
        try {
            Judge.onReadings(profile, readings, states.of(device), finding -> {
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
    long wakeAtMs(DeviceState device, Profile profile) {
        return Judge.wakeAtMs(profile, live.of(device));
    }

    /** Ends the delays that had run out at {@code nowMs} by the gateway's clock. */
    void wake(DeviceState device, Profile profile, String id, Where here, long nowMs, Consumer<Finding> findings) {
        Judge.wake(profile, id, live.of(device), nowMs, finding -> {
            keep(finding, here);
            findings.accept(finding);
        });
    }

    /** What is held by rules that the profile does not have, or not any more; they are forgotten. */
    List<Released> releaseAllBut(DeviceState device, Profile profile) throws Exception {
        return release(
                device,
                key -> profile.rules().stream().noneMatch(rule -> rule.id().equals(ruleOf(key))));
    }

    /** Everything that is held; the rules of the device are forgotten. */
    List<Released> releaseAll(DeviceState device) throws Exception {
        List<Released> released = release(device, key -> true);
        held.clear();
        return released;
    }

    /** What replayed readings hold; their rules are forgotten. */
    List<Released> releaseDrills(DeviceState device) throws Exception {
        return release(device, key -> key.endsWith(DRILL));
    }

    /** A raise, and the newest reading of its rule. */
    record Released(Held held, double lastValue, long newestMs) {}

    private List<Released> release(DeviceState device, Predicate<String> which) throws Exception {
        List<Released> released = new ArrayList<>();
        for (int i = 0; i < device.rules.length; i++) {
            String key = device.rules[i];
            Held raise = which.test(key) ? held.get(key) : null;
            if (raise != null) {
                released.add(new Released(raise, device.states[i].value, device.states[i].newestMs));
                held.remove(key);
            }
        }
        device.removeIf(which);
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

    /** A device's states, of real readings or of replayed ones. */
    private static final class States implements RuleStates {
        private final String suffix;
        private DeviceState device = new DeviceState();

        States(String suffix) {
            this.suffix = suffix;
        }

        /** Itself, from now on of this device. */
        States of(DeviceState other) {
            device = other;
            return this;
        }

        @Override
        public @Nullable RuleState get(String ruleId) {
            return device.get(key(ruleId));
        }

        @Override
        public void put(String ruleId, RuleState state) {
            device.put(key(ruleId), state);
        }

        @Override
        public void remove(String ruleId) {
            device.remove(key(ruleId));
        }

        private String key(String ruleId) {
            return suffix.isEmpty() ? ruleId : ruleId + suffix;
        }
    }
}

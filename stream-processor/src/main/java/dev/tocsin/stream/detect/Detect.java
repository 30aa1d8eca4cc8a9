package dev.tocsin.stream.detect;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.detect.Finding;
import dev.tocsin.profiles.detect.Judge;
import dev.tocsin.profiles.detect.RuleState;
import dev.tocsin.profiles.detect.RuleStates;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileException;
import dev.tocsin.stream.ingest.PlacedReadings;
import dev.tocsin.stream.life.Claim;
import dev.tocsin.stream.source.UplinkMessage;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Judges live readings; a delay that runs out while no reading comes is ended by a timer. */
public final class Detect extends KeyedBroadcastProcessFunction<String, PlacedReadings, UplinkMessage, Claim> {
    private static final Logger LOG = LoggerFactory.getLogger(Detect.class);
    /** For the readings that waited while this job was away. */
    private static final long CATCH_UP_MS = 5_000;

    private final Clock clock;
    private transient long openedAtMs;
    private transient MapState<String, RuleState> rules;
    private transient ValueState<Where> where;
    private transient States states;
    private transient States drills;
    private transient SiteProfiles profiles;
    private transient Counter judged;
    private transient Counter indigestible;
    private transient Counter unknownProfile;
    private transient Counter badProfile;

    /** @param clock the one that the timers go by */
    public Detect(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void open(OpenContext context) {
        openedAtMs = clock.millis();
        rules = getRuntimeContext().getMapState(new MapStateDescriptor<>("rules", String.class, RuleState.class));
        where = getRuntimeContext().getState(new ValueStateDescriptor<>("where", Where.class));
        states = new States(rules, false);
        drills = new States(rules, true);
        profiles = new SiteProfiles();
        var metrics = getRuntimeContext().getMetricGroup();
        judged = metrics.counter("readingsJudged");
        indigestible = metrics.counter("readingsIndigestible");
        unknownProfile = metrics.counter("readingsOfUnknownProfile");
        badProfile = metrics.counter("profilesBad");
    }

    @Override
    public void processElement(PlacedReadings placed, ReadOnlyContext context, Collector<Claim> out) throws Exception {
        int count = placed.readings().count();
        Profile profile = profiles.find(placed.readings().profile(), context.getBroadcastState(SiteProfiles.STATE));
        if (profile == null) {
            unknownProfile.inc(count);
            return;
        }
        Where here = new Where(placed.gateway(), placed.place(), profile.id());
        try {
            Judge.onReadings(
                    profile,
                    placed.readings(),
                    placed.readings().replayed() ? drills : states,
                    finding -> out.collect(claim(finding, here, Claim.Holder.LIVE, placed.receivedAtMs())));
            judged.inc(count);
        } catch (IllegalArgumentException | ArithmeticException e) {
            // The archive keeps the readings; a rule that cannot digest them must not hold up those of others.
            indigestible.inc(count);
            return;
        }
        long wakeAtMs = Judge.wakeAtMs(profile, states);
        if (wakeAtMs != Long.MAX_VALUE) {
            where.update(here);
            context.timerService().registerProcessingTimeTimer(wakeAtMs);
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Claim> out) throws Exception {
        Where here = where.value();
        if (here == null) {
            return;
        }
        Profile profile = profiles.find(here.profile(), context.getBroadcastState(SiteProfiles.STATE));
        if (profile == null) {
            where.clear();
            return;
        }
        long nowMs = context.timerService().currentProcessingTime();
        long wakeAtMs = Judge.wakeAtMs(profile, states);
        if (wakeAtMs == Long.MAX_VALUE) {
            where.clear();
        } else if (wakeAtMs > nowMs) {
            context.timerService().registerProcessingTimeTimer(wakeAtMs);
        } else if (timestamp < openedAtMs) {
            context.timerService().registerProcessingTimeTimer(nowMs + CATCH_UP_MS);
        } else {
            Judge.wake(
                    profile,
                    context.getCurrentKey(),
                    states,
                    nowMs,
                    finding -> out.collect(claim(finding, here, Claim.Holder.LIVE, nowMs)));
            long nextMs = Judge.wakeAtMs(profile, states);
            if (nextMs == Long.MAX_VALUE) {
                where.clear();
            } else {
                context.timerService().registerProcessingTimeTimer(nextMs);
            }
        }
    }

    @Override
    public void processBroadcastElement(UplinkMessage message, Context context, Collector<Claim> out) throws Exception {
        try {
            profiles.learn(
                    message.topic(),
                    new String(message.payload(), StandardCharsets.UTF_8),
                    context.getBroadcastState(SiteProfiles.STATE));
        } catch (ProfileException e) {
            LOG.warn("a site profile is not taken, what was there before stays: {}", e.getMessage());
            badProfile.inc();
        }
    }

    /** What a finding means to the life of its alert. */
    static Claim claim(Finding finding, Where where, Claim.Holder holder, long receivedAtMs) {
        Instant at = Instant.ofEpochMilli(finding.atMs());
        Alert alert = new Alert(
                Alert.idOf(finding.rule(), finding.device(), finding.onsetMs()),
                0,
                finding.raised() ? AlertState.ACTIVE : AlertState.CLEARED,
                finding.rule(),
                finding.ruleVersion(),
                finding.kind(),
                finding.severity(),
                where.gateway(),
                finding.device(),
                where.place(),
                finding.metric(),
                finding.value(),
                finding.unit(),
                Instant.ofEpochMilli(finding.onsetMs()),
                at,
                finding.raised() ? null : at,
                false,
                finding.replayed(),
                finding.evidence());
        return new Claim(holder, alert, receivedAtMs);
    }

    /**
     * The current device's states. What a recording says of a device is judged apart, so that it neither makes a rule deaf
     * to the device nor holds or clears its alarms.
     */
    static final class States implements RuleStates {
        private final MapState<String, RuleState> rules;
        private final String suffix;

        States(MapState<String, RuleState> rules, boolean drill) {
            this.rules = rules;
            // No rule's id has a line break. Without one, state of earlier versions is still that of the device.
            this.suffix = drill ? "\ndrill" : "";
        }

        @Override
        public @Nullable RuleState get(String ruleId) {
            try {
                return rules.get(ruleId + suffix);
            } catch (Exception e) {
                throw new IllegalStateException("state of rule " + ruleId + " cannot be read", e);
            }
        }

        @Override
        public void put(String ruleId, RuleState state) {
            try {
                rules.put(ruleId + suffix, state);
            } catch (Exception e) {
                throw new IllegalStateException("state of rule " + ruleId + " cannot be written", e);
            }
        }

        @Override
        public void remove(String ruleId) {
            try {
                rules.remove(ruleId + suffix);
            } catch (Exception e) {
                throw new IllegalStateException("state of rule " + ruleId + " cannot be removed", e);
            }
        }
    }
}

package dev.tocsin.stream.detect;

import dev.tocsin.profiles.detect.Finding;
import dev.tocsin.profiles.detect.Judge;
import dev.tocsin.profiles.detect.RuleState;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileException;
import dev.tocsin.stream.ingest.PlacedReadings;
import dev.tocsin.stream.life.Claim;
import dev.tocsin.stream.source.UplinkMessage;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges what an outage left behind. A backlog ends without saying so: when none came from a device for
 * {@link #QUIET_MS}, it lets go of what it still holds, because whether that goes on is for the live readings to say,
 * and forgets the device.
 */
public final class DetectBacklog extends KeyedBroadcastProcessFunction<String, PlacedReadings, UplinkMessage, Claim> {
    private static final Logger LOG = LoggerFactory.getLogger(DetectBacklog.class);
    static final long QUIET_MS = 30_000;

    /** A raise that was not cleared, and where. */
    public record Held(Finding finding, Where where) {}

    private transient MapState<String, RuleState> rules;
    private transient MapState<String, Held> held;
    private transient ValueState<Long> newestAtMs;
    private transient Detect.States states;
    private transient Detect.States drills;
    private transient SiteProfiles profiles;
    private transient Counter judged;
    private transient Counter indigestible;
    private transient Counter unknownProfile;
    private transient Counter badProfile;

    @Override
    public void open(OpenContext context) {
        rules = getRuntimeContext().getMapState(new MapStateDescriptor<>("rules", String.class, RuleState.class));
        held = getRuntimeContext().getMapState(new MapStateDescriptor<>("held", String.class, Held.class));
        newestAtMs = getRuntimeContext().getState(new ValueStateDescriptor<>("newest", Long.class));
        states = new Detect.States(rules, false);
        drills = new Detect.States(rules, true);
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
        long nowMs = context.timerService().currentProcessingTime();
        if (newestAtMs.value() == null) {
            context.timerService().registerProcessingTimeTimer(nowMs + QUIET_MS);
        }
        newestAtMs.update(nowMs);
        Where here = new Where(placed.gateway(), placed.place(), profile.id());
        try {
            Judge.onReadings(profile, placed.readings(), placed.readings().replayed() ? drills : states, finding -> {
                keep(finding, here);
                out.collect(Detect.claim(finding, here, Claim.Holder.BACKLOG, placed.receivedAtMs()));
            });
            judged.inc(count);
        } catch (IllegalArgumentException | ArithmeticException e) {
            // The archive keeps the readings; a rule that cannot digest them must not hold up those of others.
            indigestible.inc(count);
        }
    }

    private static String key(Finding finding) {
        return finding.replayed() ? finding.rule() + "\ndrill" : finding.rule();
    }

    private void keep(Finding finding, Where here) {
        try {
            if (finding.raised()) {
                held.put(key(finding), new Held(finding, here));
            } else {
                held.remove(key(finding));
            }
        } catch (Exception e) {
            throw new IllegalStateException("state of " + finding.device() + " cannot be written", e);
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Claim> out) throws Exception {
        Long newest = newestAtMs.value();
        long nowMs = context.timerService().currentProcessingTime();
        if (newest != null && newest + QUIET_MS > nowMs) {
            context.timerService().registerProcessingTimeTimer(newest + QUIET_MS);
            return;
        }
        for (Map.Entry<String, Held> entry : held.entries()) {
            Finding raise = entry.getValue().finding();
            RuleState last = (raise.replayed() ? drills : states).get(raise.rule());
            long overMs = last == null ? raise.atMs() : Math.max(raise.atMs(), last.newestMs);
            Finding letGo = new Finding(
                    raise.rule(),
                    raise.ruleVersion(),
                    raise.kind(),
                    raise.severity(),
                    raise.device(),
                    false,
                    raise.metric(),
                    raise.unit(),
                    last == null ? raise.value() : last.value,
                    raise.onsetMs(),
                    overMs,
                    raise.replayed(),
                    raise.evidence());
            out.collect(Detect.claim(letGo, entry.getValue().where(), Claim.Holder.BACKLOG, nowMs));
        }
        held.clear();
        rules.clear();
        newestAtMs.clear();
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
}

package dev.tocsin.stream.detect;

import dev.tocsin.profiles.desired.Pulse;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.reading.Rejected;
import dev.tocsin.profiles.site.EffectiveRules.Effective;
import dev.tocsin.stream.ingest.PlacedReadings;
import dev.tocsin.stream.life.Claim;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Judges live readings. A delay that runs out while no reading comes is ended when the gateway's pulse has passed its
 * end: then the gateway's own clock says so, and everything that it had sent before has been judged. A gateway that is
 * cut off, or whose readings this job has yet to catch up with, ends no delay.
 */
public final class Detect extends KeyedBroadcastProcessFunction<String, PlacedReadings, Notice, Claim> {
    public static final OutputTag<Rejected> POISON = new OutputTag<>("poison") {};

    /** A device of which nothing was heard for so long is forgotten. */
    static final long FORGET_AFTER_MS = 30L * 24 * 3_600_000;
    /** A recording that has played no reading for so long is over. */
    static final long RECORDING_OVER_MS = 60_000;
    /** How often it is looked whether the pulse has passed; the pulse comes every 5 s. */
    static final long LOOK_MS = 1_000;

    private final Clock clock;
    private transient long openedAtMs;
    private transient DeviceStates devices;
    private transient ValueState<Timers> timers;
    private transient Rulebook rules;
    private transient Site site;
    /** By gateway when its newest pulse was sent, by its own clock. Gone after a restart, until the next pulse. */
    private transient Map<String, Long> pulses;

    /** One timer of each kind a device at a time, wall clock; 0 for none. A Flink POJO. */
    public static final class Timers {
        public long wakeLookMs;
        public long recordingLookMs;
        public long recordingHeardMs;
        public long forgetLookMs;

        public Timers() {}
    }

    /** @param clock the one that the timers go by */
    public Detect(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void open(OpenContext context) {
        openedAtMs = clock.millis();
        devices = new DeviceStates(getRuntimeContext());
        timers = getRuntimeContext().getState(new ValueStateDescriptor<>("timers", Timers.class));
        rules = new Rulebook(getRuntimeContext());
        site = new Site(getRuntimeContext().getMetricGroup());
        pulses = new HashMap<>();
    }

    @Override
    public void processElement(PlacedReadings placed, ReadOnlyContext context, Collector<Claim> out) throws Exception {
        long nowMs = context.timerService().currentProcessingTime();
        DeviceState known = devices.get();
        Where before = known == null ? null : known.where;
        if (placed.isDeparture()) {
            if (known != null && before != null && before.gateway().equals(placed.gateway())) {
                forget(known, nowMs, context.timerService(), out);
            }
            return;
        }
        Effective effective = site.of(placed, context);
        if (effective == null) {
            return;
        }
        Profile profile = effective.profile();
        DeviceState device = known == null ? new DeviceState() : known;
        Where here = before;
        if (here == null || !here.stillHolds(placed, effective, nowMs)) {
            if (here != null && !here.isJudgedBy(effective)) {
                letGo(rules.releaseAllBut(device, profile), nowMs, out);
            }
            here = Where.of(placed, effective, nowMs);
            device.where = here;
        }
        Where at = here;
        rules.judge(
                device,
                placed,
                profile,
                at,
                finding -> out.collect(Claims.of(finding, at, Claim.Holder.LIVE, placed.receivedAtMs())),
                poison -> context.output(POISON, poison));
        devices.put(device);
        setTimers(placed, rules.wakeAtMs(device, profile), before == null, context.timerService());
    }

    private void setTimers(PlacedReadings placed, long wakeAtMs, boolean first, TimerService service) throws Exception {
        boolean wakes = wakeAtMs != Long.MAX_VALUE;
        if (!wakes && !first && !placed.readings().replayed()) {
            return;
        }
        Timers set = timers.value() == null ? new Timers() : timers.value();
        long nowMs = service.currentProcessingTime();
        if (first) {
            set.forgetLookMs = nowMs + FORGET_AFTER_MS;
            service.registerProcessingTimeTimer(set.forgetLookMs);
        }
        if (placed.readings().replayed()) {
            if (set.recordingLookMs == 0) {
                set.recordingLookMs = nowMs + RECORDING_OVER_MS;
                service.registerProcessingTimeTimer(set.recordingLookMs);
            }
            set.recordingHeardMs = nowMs;
        }
        if (wakes) {
            long[] received = placed.readings().receivedAtMs();
            long lookMs = nowMs + Math.max(0, wakeAtMs - received[received.length - 1]) + LOOK_MS;
            if (set.wakeLookMs == 0 || lookMs < set.wakeLookMs) {
                set.wakeLookMs = lookMs;
                service.registerProcessingTimeTimer(lookMs);
            }
        }
        timers.update(set);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Claim> out) throws Exception {
        DeviceState device = devices.get();
        Where here = device == null ? null : device.where;
        Timers set = timers.value();
        if (device == null || here == null || set == null) {
            return;
        }
        TimerService service = context.timerService();
        if (timestamp >= set.forgetLookMs) {
            // While this job was away nothing could be heard.
            long forgetAtMs = Math.max(here.heardMs(), openedAtMs) + FORGET_AFTER_MS;
            if (forgetAtMs <= timestamp) {
                forget(device, timestamp, service, out);
                return;
            }
            set.forgetLookMs = forgetAtMs;
            service.registerProcessingTimeTimer(set.forgetLookMs);
        }
        if (set.recordingLookMs != 0 && timestamp >= set.recordingLookMs) {
            set.recordingLookMs = set.recordingHeardMs + RECORDING_OVER_MS;
            if (set.recordingLookMs <= timestamp) {
                set.recordingLookMs = 0;
                letGo(rules.releaseDrills(device), timestamp, out);
                devices.put(device);
            } else {
                service.registerProcessingTimeTimer(set.recordingLookMs);
            }
        }
        if (set.wakeLookMs != 0 && timestamp >= set.wakeLookMs) {
            set.wakeLookMs = wake(device, here, context, out);
            if (set.wakeLookMs != 0) {
                service.registerProcessingTimeTimer(set.wakeLookMs);
            }
        }
        timers.update(set);
    }

    /** When to look again; 0 where no delay runs. */
    private long wake(DeviceState device, Where here, OnTimerContext context, Collector<Claim> out) throws Exception {
        Effective effective = site.of(here.profile(), context.getCurrentKey(), here.place(), context);
        if (effective == null) {
            return 0;
        }
        Profile profile = effective.profile();
        long nowMs = context.timerService().currentProcessingTime();
        long passedMs = pulses.getOrDefault(here.gateway(), Long.MIN_VALUE);
        if (rules.wakeAtMs(device, profile) <= passedMs) {
            rules.wake(
                    device,
                    profile,
                    context.getCurrentKey(),
                    here,
                    passedMs,
                    finding -> out.collect(Claims.of(finding, here, Claim.Holder.LIVE, nowMs)));
            devices.put(device);
        }
        return rules.wakeAtMs(device, profile) == Long.MAX_VALUE ? 0 : nowMs + LOOK_MS;
    }

    private void forget(DeviceState device, long nowMs, TimerService service, Collector<Claim> out) throws Exception {
        letGo(rules.releaseAll(device), nowMs, out);
        devices.remove();
        Timers set = timers.value();
        if (set != null) {
            service.deleteProcessingTimeTimer(set.wakeLookMs);
            service.deleteProcessingTimeTimer(set.recordingLookMs);
            service.deleteProcessingTimeTimer(set.forgetLookMs);
        }
        timers.clear();
    }

    private static void letGo(List<Rulebook.Released> released, long nowMs, Collector<Claim> out) {
        for (Rulebook.Released one : released) {
            out.collect(one.held().letGo(Claim.Holder.LIVE, one.lastValue(), one.newestMs(), nowMs));
        }
    }

    @Override
    public void processBroadcastElement(Notice notice, Context context, Collector<Claim> out) throws Exception {
        Pulse pulse = notice.pulse();
        if (pulse != null) {
            pulses.put(pulse.gateway(), pulse.sent().toEpochMilli());
        }
        if (notice.state() != null && site.learn(notice.state(), context)) {
            long nowMs = context.currentProcessingTime();
            // A door may not be heard of for days: what its rule no longer says is let go now.
            context.applyToKeyedState(Rulebook.HELD, (id, held) -> letGoOfWhatIsGone(id, nowMs, context, out));
        }
    }

    private void letGoOfWhatIsGone(String id, long nowMs, Context context, Collector<Claim> out) throws Exception {
        DeviceState device = devices.get();
        Where here = device == null ? null : device.where;
        if (device == null || here == null) {
            return;
        }
        Effective effective = site.of(here.profile(), id, here.place(), context);
        if (effective != null && !here.isJudgedBy(effective)) {
            letGo(rules.releaseAllBut(device, effective.profile()), nowMs, out);
            device.where = here.judgedBy(effective);
            devices.put(device);
        }
    }
}

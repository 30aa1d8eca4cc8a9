package dev.tocsin.stream.detect;

import dev.tocsin.profiles.detect.Finding;
import dev.tocsin.profiles.reading.Rejected;
import dev.tocsin.profiles.site.EffectiveRules.Effective;
import dev.tocsin.stream.ingest.PlacedReadings;
import dev.tocsin.stream.life.Claim;
import java.time.Clock;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Judges what an outage left behind. What it finds is history, told once it is over: whether something goes on is for
 * the live readings to say. A backlog ends without saying so: when none came from a device for {@link #QUIET_MS}, what
 * is still raised is told as over with its last reading, and the device is forgotten.
 */
public final class DetectBacklog extends KeyedBroadcastProcessFunction<String, PlacedReadings, Notice, Claim> {
    public static final OutputTag<Rejected> POISON = new OutputTag<>("backlog-poison") {};

    /** Longer than a second cut of the same outage is likely to last. */
    static final long QUIET_MS = 300_000;

    private final Clock clock;
    private transient long openedAtMs;
    private transient ValueState<Long> newestAtMs;
    private transient DeviceStates devices;
    private transient Rulebook rules;
    private transient Site site;

    /** @param clock the one that the timers go by */
    public DetectBacklog(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void open(OpenContext context) {
        openedAtMs = clock.millis();
        newestAtMs = getRuntimeContext().getState(new ValueStateDescriptor<>("newest", Long.class));
        devices = new DeviceStates(getRuntimeContext());
        rules = new Rulebook(getRuntimeContext());
        site = new Site(getRuntimeContext().getMetricGroup());
    }

    @Override
    public void processElement(PlacedReadings placed, ReadOnlyContext context, Collector<Claim> out) throws Exception {
        Effective effective = site.of(placed, context);
        if (effective == null) {
            return;
        }
        long nowMs = context.timerService().currentProcessingTime();
        if (newestAtMs.value() == null) {
            context.timerService().registerProcessingTimeTimer(nowMs + QUIET_MS);
        }
        newestAtMs.update(nowMs);
        Where here = Where.of(placed, effective, nowMs);
        DeviceState known = devices.get();
        DeviceState device = known == null ? new DeviceState() : known;
        rules.judge(
                device,
                placed,
                effective.profile(),
                here,
                finding -> tell(finding, here, placed.receivedAtMs(), out),
                poison -> context.output(POISON, poison));
        devices.put(device);
    }

    private static void tell(Finding finding, Where here, long receivedAtMs, Collector<Claim> out) {
        if (!finding.raised()) {
            out.collect(Claims.of(finding, here, Claim.Holder.BACKLOG, receivedAtMs));
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Claim> out) throws Exception {
        Long newest = newestAtMs.value();
        // After a restart the readings that waited for this job are heard first.
        long quietAtMs = Math.max(newest == null ? 0 : newest, openedAtMs) + QUIET_MS;
        if (quietAtMs > timestamp) {
            context.timerService().registerProcessingTimeTimer(quietAtMs);
            return;
        }
        DeviceState device = devices.get();
        if (device != null) {
            for (Rulebook.Released one : rules.releaseAll(device)) {
                out.collect(one.held().letGo(Claim.Holder.BACKLOG, one.lastValue(), one.newestMs(), timestamp));
            }
            devices.remove();
        }
        newestAtMs.clear();
    }

    @Override
    public void processBroadcastElement(Notice notice, Context context, Collector<Claim> out) throws Exception {
        if (notice.state() != null) {
            site.learn(notice.state(), context);
        }
    }
}

package dev.tocsin.agent.observe;

import dev.tocsin.agent.judge.ClockWatch;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.SpoolLimits;
import dev.tocsin.agent.spool.SpoolStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** What can be seen of the spool and of the clock. */
public final class SpoolGauges {
    private SpoolGauges() {}

    /** @param oldestAgeMs of the oldest reading that is not delivered */
    public static void register(
            AgentMetrics metrics, Spool spool, SpoolLimits limits, LongSupplier oldestAgeMs, ClockWatch clock) {
        metrics.gauge("spool.max.bytes", "Bound of the spool", limits::maxBytes);
        of(metrics, spool, "spool.bytes", "Stored and not delivered", SpoolStatus::bytes);
        of(metrics, spool, "spool.blocks", "Rows of readings", SpoolStatus::blocks);
        of(metrics, spool, "spool.alerts", "Alerts not delivered", SpoolStatus::alerts);
        of(metrics, spool, "spool.others", "Rejected and seen not delivered", SpoolStatus::others);
        metrics.gauge(
                "spool.oldest.age.seconds",
                "Age of the oldest reading not delivered",
                () -> oldestAgeMs.getAsLong() / 1000.0);
        of(
                metrics,
                spool,
                "evicted.readings",
                "Given up for want of room or for their age",
                s -> s.evicted().readings());
        of(
                metrics,
                spool,
                "evicted.messages",
                "Given up for want of room or for their age",
                s -> s.evicted().messages());
        of(
                metrics,
                spool,
                "evicted.alerts",
                "Of the messages given up",
                s -> s.evicted().alerts());
        of(
                metrics,
                spool,
                "damaged.readings",
                "Lost because the disk damaged them",
                s -> s.damaged().readings());
        of(metrics, spool, "spool.replaced.files", "Damaged, set aside and replaced", SpoolStatus::replacedFiles);
        of(metrics, spool, "commit.failures", "Commits that the disk refused", SpoolStatus::failures);
        of(metrics, spool, "spool.refusing", "1 while the disk takes nothing", s -> s.fault() == null ? 0 : 1);
        metrics.gauge("unsaved.alerts", "Alerts in memory alone", spool::unsavedAlerts);
        metrics.gauge("unsaved.dropped", "Dropped from memory while the disk took nothing", spool::droppedUnsaved);
        metrics.gauge("clock.known", "1 once the clock was set", () -> clock.known() ? 1 : 0);
        metrics.gauge(
                "clock.jumps", "Jumps of the wall clock", () -> clock.newest().count());
        metrics.gauge("clock.offset.seconds", "Wall clock against the monotonic one", clock::offsetSeconds);
    }

    private static void of(
            AgentMetrics metrics, Spool spool, String name, String description, Function<SpoolStatus, Number> value) {
        metrics.gauge(name, description, () -> value.apply(spool.status()));
    }

    /** The spool's part of {@code /health}. */
    public static Map<String, Object> health(SpoolStatus status) {
        Map<String, Object> parts = new LinkedHashMap<>();
        String fault = status.fault();
        parts.put("spool", fault == null ? "ok" : fault);
        parts.put("spoolBytes", status.bytes());
        parts.put("evictedReadings", status.evicted().readings());
        if (status.replacedFiles() > 0) {
            parts.put("spoolFilesReplaced", status.replacedFiles());
            parts.put("damagedReadings", status.damaged().readings());
            parts.put("moreMayBeLost", status.moreDamaged());
        }
        return parts;
    }
}

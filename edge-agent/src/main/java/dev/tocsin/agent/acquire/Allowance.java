package dev.tocsin.agent.acquire;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.codec.Decoding;
import dev.tocsin.profiles.codec.Decoding.Decoded;
import dev.tocsin.profiles.codec.Decoding.Refused;
import dev.tocsin.profiles.codec.Incoming.Transport;
import dev.tocsin.profiles.config.Settings;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.site.EffectiveRules.Effective;
import io.micrometer.core.instrument.Counter;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How much a device may send. An alarm is never shed for the telemetry around it: a message with a value that is an alarm
 * by itself has an allowance of its own, one of each device that it tells of, so that neither chatter nor the alarms of
 * a panel's other detectors use it up. A device beyond that too has told its alarm many times over: its alert stands. An
 * alarm that only a course of values makes (a rise, an exposure) is made of those that the rate lets through. Safe for
 * any thread.
 */
public final class Allowance {
    private final Limit limit;
    private final RateLimiter limiter;
    private final Registry registry;
    private final Map<Transport, Counter> shed = new EnumMap<>(Transport.class);
    private final Map<Transport, Counter> alarms = new EnumMap<>(Transport.class);

    /**
     * @param messagesPerSecond of one device, 0 for any number
     * @param burst messages that may come at once
     */
    public record Limit(int messagesPerSecond, int burst) {
        public static Limit from(Settings settings) {
            return new Limit(
                    settings.integer("rate.messages", "messages/s", 0, 0, 100_000),
                    settings.integer("rate.burst", "messages", 100, 1, 1_000_000));
        }
    }

    /** @param monotonicMs elapsed time */
    public Allowance(Limit limit, Registry registry, AgentMetrics metrics, LongSupplier monotonicMs) {
        this.limit = limit;
        this.registry = registry;
        this.limiter = new RateLimiter(limit.messagesPerSecond(), limit.burst(), monotonicMs);
        for (Transport transport : Transport.values()) {
            shed.put(transport, counter(metrics, transport, "shed"));
            alarms.put(transport, counter(metrics, transport, "alarm"));
        }
        metrics.gauge("rate.buckets", "Senders whose rate is known", limiter::size);
    }

    private static Counter counter(AgentMetrics metrics, Transport transport, String outcome) {
        return metrics.counter(
                "rate.exceeded.messages",
                "Beyond a sender's allowance",
                "protocol",
                transport.name().toLowerCase(Locale.ROOT),
                "outcome",
                outcome);
    }

    /** @param sender whose allowance it is that telemetry draws on */
    boolean admits(String sender, Transport transport, Decoding decoding) {
        if (limit.messagesPerSecond() == 0 || limiter.take("from " + sender)) {
            return true;
        }
        for (String device : alarmingIn(decoding)) {
            if (limiter.take("alarm of " + device)) {
                count(alarms, transport);
                return true;
            }
        }
        count(shed, transport);
        return false;
    }

    private static void count(Map<Transport, Counter> counters, Transport transport) {
        Counter counter = counters.get(transport);
        if (counter != null) {
            counter.increment();
        }
    }

    /** Devices that a message says alarming things of, as far as one value alone tells. */
    private Set<String> alarmingIn(Decoding decoding) {
        Set<String> devices = new HashSet<>();
        Decoded said = decoding instanceof Decoded decoded ? decoded : ((Refused) decoding).unheard();
        Profile profile = said == null ? null : registry.catalog().find(said.profile());
        if (said == null || profile == null) {
            return devices;
        }
        for (Reading reading : said.readings()) {
            if (reading.quality().mayAlarm() && isAlarming(registry.rulesOf(profile, reading.device()), reading)) {
                devices.add(reading.device());
            }
        }
        return devices;
    }

    private static boolean isAlarming(Effective rules, Reading reading) {
        return rules.profile().rules().stream()
                .anyMatch(rule -> rule.kind() == AlertKind.ALARM
                        && rule.metric().equals(reading.metric())
                        && rule.condition().isMetBy(reading.value()));
    }

    /** The device that a message is of, where it is of one. */
    static @Nullable String deviceOf(Decoding decoding) {
        if (decoding instanceof Decoded decoded) {
            List<Reading> readings = decoded.readings();
            return readings.isEmpty() ? null : readings.get(0).device();
        }
        return ((Refused) decoding).device();
    }

    String described() {
        return limit.messagesPerSecond() + " messages/s and " + limit.burst() + " at once";
    }
}

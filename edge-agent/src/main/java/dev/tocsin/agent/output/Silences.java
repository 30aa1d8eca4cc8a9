package dev.tocsin.agent.output;

import dev.tocsin.agent.spool.KeptDocuments;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.settings.Output;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which alerts somebody has silenced, by output. A silence is for the alerts that stood when it was given: whatever is
 * raised afterwards sounds. Guarded by {@link Outputs}.
 */
final class Silences {
    static final String KIND = "silence";
    private static final long LONGEST_MS = 24 * 3_600_000L;

    private final Keeper keeper;
    private final Map<String, Silence> byOutput = new HashMap<>();

    /** @param untilMs monotonic clock; {@link Long#MAX_VALUE} for as long as the alerts stand */
    private record Silence(Set<String> alerts, long untilMs) {}

    /**
     * On disk.
     *
     * @param untilWallMs by the wall clock; 0 for as long as the alerts stand
     * @param forMs what it was given for; 0 in what versions before this one kept
     */
    record Kept(List<String> alerts, long untilWallMs, long forMs) {
        Kept {
            alerts = List.copyOf(alerts);
        }

        /** Never for longer than it was given for: a gateway without a battery begins in 1970. */
        long leftMs(long wallMs) {
            return Math.min(forMs == 0 ? LONGEST_MS : forMs, Math.max(0, untilWallMs - wallMs));
        }
    }

    Silences(Keeper keeper) {
        this.keeper = keeper;
    }

    /** What an earlier run kept; what is silenced already is newer. */
    void recall(Map<String, byte[]> kept, long nowMs, long wallMs) {
        KeptDocuments.read(kept, json -> DesiredJson.read(json, Kept.class)).forEach((output, one) -> {
            long untilMs = one.untilWallMs() == 0 ? Long.MAX_VALUE : nowMs + one.leftMs(wallMs);
            byOutput.putIfAbsent(output, new Silence(new HashSet<>(one.alerts()), untilMs));
        });
    }

    /** @param forMs 0 for as long as they stand */
    void silence(String output, Set<String> alerts, long forMs, long nowMs, long wallMs) {
        byOutput.put(output, new Silence(new HashSet<>(alerts), forMs == 0 ? Long.MAX_VALUE : nowMs + forMs));
        Kept kept = new Kept(List.copyOf(alerts), forMs == 0 ? 0 : wallMs + forMs, forMs);
        keeper.keep(KIND, output, DesiredJson.write(kept));
    }

    boolean covers(Output output, String alert, long nowMs) {
        Silence silence = byOutput.get(output.name());
        return output.silenceable()
                && silence != null
                && nowMs < silence.untilMs()
                && silence.alerts().contains(alert);
    }

    void cleared(String alert) {
        for (String output : List.copyOf(byOutput.keySet())) {
            Silence silence = byOutput.get(output);
            if (silence != null
                    && silence.alerts().remove(alert)
                    && silence.alerts().isEmpty()) {
                byOutput.remove(output);
                keeper.keep(KIND, output, null);
            }
        }
    }

    /** When a silence ends by time. */
    long nextEndMs(long nowMs) {
        return byOutput.values().stream()
                .mapToLong(Silence::untilMs)
                .filter(untilMs -> untilMs > nowMs)
                .min()
                .orElse(Long.MAX_VALUE);
    }
}

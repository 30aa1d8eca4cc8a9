package dev.tocsin.profiles.desired;

import dev.tocsin.profiles.reading.Limits;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway says of itself on its status topic, retained; the last will says {@code online: false} and nothing
 * else.
 *
 * @param since start of this connection
 * @param epoch id of the spool file
 * @param registryVersion the {@link GatewayState#version} it runs, 0 when none
 * @param clockSynchronized whether the gateway trusts its own clock
 * @param update how far the newest order of another agent is; absent where none was given
 * @param running what else it runs; absent from agents before there was any
 * @param refused the newest states that it does not run, with the reason; empty from older agents
 */
public record GatewayStatus(
        String gateway,
        boolean online,
        @Nullable Instant since,
        @Nullable String agentVersion,
        @Nullable String epoch,
        long registryVersion,
        boolean clockSynchronized,
        @Nullable UpdateProgress update,
        @Nullable Running running,
        List<Refused> refused) {

    /** A status stays small enough for any broker: of more, the newest stand. */
    public static final int MAX_REFUSED = 16;

    private static final int MAX_VERSIONS = 4_096;

    /**
     * Versions in force.
     *
     * @param settings 0 for none from the cloud
     * @param trying topics of states that are in force on trial
     */
    public record Running(
            long settings, Map<String, Integer> profiles, Map<String, Integer> ruleSets, List<String> trying) {
        public Running {
            profiles = copy("profiles", profiles);
            ruleSets = copy("ruleSets", ruleSets);
            trying = trying == null ? List.of() : List.copyOf(trying);
        }

        private static Map<String, Integer> copy(String field, @Nullable Map<String, Integer> versions) {
            if (versions == null) {
                return Map.of();
            }
            if (versions.size() > MAX_VERSIONS) {
                throw new IllegalArgumentException(field + " has " + versions.size() + " entries");
            }
            return Map.copyOf(versions);
        }
    }

    /**
     * A state that is not in force.
     *
     * @param version as far as it could be read, else 0
     * @param reason what is wrong with it, and where
     */
    public record Refused(String topic, long version, String reason, Instant at) {
        public Refused {
            Limits.text("refused.topic", topic, Limits.TEXT);
            Limits.text("refused.reason", reason, Limits.WORDS);
            Limits.instant("refused.at", at);
        }
    }

    public GatewayStatus {
        Limits.text("gateway", gateway, Limits.TEXT);
        if (since != null) {
            Limits.instant("since", since);
        }
        if (agentVersion != null) {
            Limits.text("agentVersion", agentVersion, Limits.TEXT);
        }
        if (epoch != null) {
            Limits.text("epoch", epoch, Limits.TEXT);
        }
        refused = refused == null ? List.of() : List.copyOf(refused);
        if (refused.size() > MAX_REFUSED) {
            throw new IllegalArgumentException("refused has " + refused.size() + " entries");
        }
    }

    /** One that says nothing of what it runs but the registry's version. */
    public GatewayStatus(
            String gateway,
            boolean online,
            @Nullable Instant since,
            @Nullable String agentVersion,
            @Nullable String epoch,
            long registryVersion,
            boolean clockSynchronized) {
        this(gateway, online, since, agentVersion, epoch, registryVersion, clockSynchronized, null, null, List.of());
    }
}

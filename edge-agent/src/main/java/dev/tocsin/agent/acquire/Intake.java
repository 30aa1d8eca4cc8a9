package dev.tocsin.agent.acquire;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.judge.EdgeJudge;
import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.profiles.codec.Decoding;
import dev.tocsin.profiles.codec.Incoming;
import dev.tocsin.profiles.codec.MessageDecoder;
import dev.tocsin.profiles.reading.Rejected;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One way for all protocols: decode on the caller's thread, then queue for the next commit. Safe for any thread. */
public final class Intake {
    /** Devices reported as seen, once each; of more, the rest is not reported until the next start. */
    private static final int MAX_SEEN = 10_000;

    final String gateway;
    final Registry registry;
    final EdgeJudge judge;
    final AgentMetrics metrics;
    final Clock clock;
    private final Spool spool;
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    public Intake(String gateway, Registry registry, EdgeJudge judge, Spool spool, AgentMetrics metrics, Clock clock) {
        this.gateway = gateway;
        this.registry = registry;
        this.judge = judge;
        this.spool = spool;
        this.metrics = metrics;
        this.clock = clock;
    }

    /**
     * Never throws for what a message holds.
     *
     * @return what became of it, to be given to {@link #submit}
     */
    Decoding decode(Incoming incoming) {
        metrics.received(incoming.transport());
        try {
            return registry.decoder().decode(incoming);
        } catch (RuntimeException e) {
            return new Decoding.Refused(Rejected.Reason.INDIGESTIBLE, "the decoder failed: " + e, null, null);
        }
    }

    /**
     * Queues a decoded message.
     *
     * @param hash tells this message from every other, see {@link Arrival}
     * @param connection number of the MQTT connection it came by, {@link dev.tocsin.agent.spool.Draft#COAP} for CoAP
     * @param kept runs when it is on disk, on the writer thread
     * @return false when there was no room in time: it must not be acknowledged
     */
    boolean submit(Incoming incoming, Decoding decoding, long hash, int connection, Runnable kept, Duration patience) {
        boolean queued = spool.submit(new Arrival(this, incoming, decoding, hash, connection, kept), patience);
        if (!queued) {
            metrics.turnedAway(incoming.transport());
        }
        return queued;
    }

    boolean accepting() {
        return spool.accepting();
    }

    /** The payload as it may be kept: no secret of a device goes to disk. */
    byte[] withoutSecrets(Incoming incoming) {
        MessageDecoder decoder = registry.decoder();
        return decoder.withoutSecrets(incoming);
    }

    /** Whether this is the first message of a device that is not enrolled. */
    boolean seenFirst(String device) {
        return seen.size() < MAX_SEEN && seen.add(device);
    }
}

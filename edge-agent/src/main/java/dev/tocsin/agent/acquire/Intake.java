package dev.tocsin.agent.acquire;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.judge.EdgeJudge;
import dev.tocsin.agent.link.FieldLink;
import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.agent.spool.Keep;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.Via;
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

    /** Messages that a broker may send without an acknowledgement. */
    public static final int RECEIVE_MAXIMUM = 2_048;

    /** What stands for that which is no text, see {@link dev.tocsin.profiles.wire.PromptSockets}. */
    private static final char NO_CHARACTER = '\ufffd';

    private static final String KIND_FILTER = "filter";
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    final String gateway;
    final Registry registry;
    final EdgeJudge judge;
    final AgentMetrics metrics;
    final Clock clock;
    private final Spool spool;
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final Allowance allowance;

    public Intake(
            String gateway,
            Registry registry,
            EdgeJudge judge,
            Spool spool,
            AgentMetrics metrics,
            Allowance allowance,
            Clock clock) {
        this.allowance = allowance;
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
    public Decoding decode(Incoming incoming) {
        metrics.received(incoming.transport());
        if (incoming.transport() == Incoming.Transport.MQTT
                && incoming.address().indexOf(NO_CHARACTER) >= 0) {
            // As it was is not known, and what is not legal in an id becomes the same for all: it would be somebody
            // else.
            return new Decoding.Refused(
                    Rejected.Reason.MALFORMED,
                    "the topic is no UTF-8, or it or the properties hold what MQTT forbids or advises against",
                    null,
                    null);
        }
        try {
            return registry.decoder().decode(incoming);
        } catch (RuntimeException e) {
            return new Decoding.Refused(
                    Rejected.Reason.INDIGESTIBLE,
                    "the decoder failed: " + e.getClass().getName(),
                    null,
                    null);
        }
    }

    /**
     * Whether a sender may send this now.
     *
     * @param sender whose allowance it is that telemetry draws on
     */
    public boolean admits(String sender, Incoming incoming, Decoding decoding) {
        return allowance.admits(sender, incoming.transport(), decoding);
    }

    /** A message of a sender that cannot be told to wait: what is beyond the device's allowance is kept as rejected. */
    Decoding withinRate(Incoming incoming, Decoding decoding) {
        String device = Allowance.deviceOf(decoding);
        String sender = device == null ? incoming.source() : device;
        return admits(sender, incoming, decoding)
                ? decoding
                : new Decoding.Refused(
                        Rejected.Reason.RATE, sender + " sends more than " + allowance.described(), device, null);
    }

    /**
     * Queues a message that was decoded.
     *
     * @param hash tells a message that its sender sends again
     * @param via {@link Via#COAP}, or {@link Via#once} where nobody sends it again
     * @param sender is told what became of it
     * @return false when there was no room in time: it must not be acknowledged
     */
    public boolean take(Incoming incoming, Decoding decoding, long hash, Via via, Duration patience, Sender sender) {
        return submit(new Arrival(this, incoming, decoding, hash, via, false, sender), patience);
    }

    /** Reports somebody as seen, once, who was turned away before it could say what it is. */
    public void turnedAway(String device) {
        if (seenFirst(device)) {
            spool.submit(new Sighting(this, device), PATIENCE);
        }
    }

    /** A device said again what it had said: nothing new, but it is there. What it said before is kept by then. */
    public void heardAgain(String device, String profile, Duration patience, Runnable kept) {
        spool.submit(new SignOfLife(this, device, profile, kept), patience);
    }

    /**
     * Queues a decoded message.
     *
     * @return false when there was no room in time: it must not be acknowledged
     */
    boolean submit(Arrival arrival, Duration patience) {
        boolean queued = spool.submit(arrival, patience);
        if (!queued) {
            metrics.turnedAway(arrival.incoming().transport());
        }
        return queued;
    }

    /** What {@link Spool#acknowledgedUpTo} says of this broker. */
    long acknowledgedUpTo(FieldLink broker) {
        return spool.acknowledgedUpTo(broker.way());
    }

    /** The filters that the broker's session may hold from earlier runs. */
    Set<String> knownFilters(FieldLink broker) {
        return spool.kept(kindOfFilters(broker)).keySet();
    }

    /** To be called before the subscription, and after it was taken back. */
    void knowFilter(FieldLink broker, String filter, boolean subscribed) {
        spool.submit(new Keep(kindOfFilters(broker), filter, subscribed ? new byte[0] : null), PATIENCE);
    }

    private static String kindOfFilters(FieldLink broker) {
        return broker.isFirst() ? KIND_FILTER : KIND_FILTER + "@" + broker.name();
    }

    boolean accepting() {
        return spool.accepting();
    }

    /** Whether the disk takes nothing now. */
    boolean refusing() {
        return spool.refusing();
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

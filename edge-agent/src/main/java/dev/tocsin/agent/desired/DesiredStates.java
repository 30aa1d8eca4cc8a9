package dev.tocsin.agent.desired;

import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.agent.observe.Chore;
import dev.tocsin.agent.spool.Keep;
import dev.tocsin.agent.spool.KeptDocuments;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.WriterThread;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.reading.Limits;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the states that the cloud wants, and goes back to the last good ones when the agent cannot run with a new one. A
 * state is marked as being tried before it is in force, and kept in place of the last good one only when the agent has
 * run with it for the time of a trial, or until it was told to end; while the disk takes nothing, a trial goes on. What
 * a run that crashed was trying is not applied again; neither is what was being tried three times when runs just ended,
 * where there is a good one to go back to: a kill or a power cut says nothing of it once. The first state of a topic is
 * kept at once, for want of a better one. Safe for any thread.
 */
public final class DesiredStates implements AutoCloseable {
    /** Of states in force; their keys are topics. */
    static final String KIND_STATE = Registry.KIND_STATE;

    static final String KIND_TRIAL = "state-trial";
    static final String KIND_REFUSED = "state-refused";
    /** Runs that ended while they tried it, without a word. */
    static final int MAX_ENDED_RUNS = 3;

    private static final Logger LOG = LoggerFactory.getLogger(DesiredStates.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration MARK_PATIENCE = Duration.ofSeconds(2);

    private final Registry registry;
    private final Spool spool;
    private final WriterThread writer;
    private final AgentMetrics metrics;
    private final Clock clock;
    private final LongSupplier monotonicMs;
    private final long trialMs;
    private final @Nullable String crashed;
    private final AtomicLong changes = new AtomicLong();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(runnable -> new Thread(runnable, "desired-states"));

    // Guarded by this.
    private final Map<String, byte[]> good = new HashMap<>();
    private final Map<String, Trial> trials = new LinkedHashMap<>();
    private final Map<String, Refusal> refusals = new LinkedHashMap<>();
    /** By topic what earlier runs were trying when they ended. */
    private final Map<String, Mark> ended = new HashMap<>();

    /** The newest of each topic that waits to be looked at. Guarded by itself. */
    private final Map<String, byte[]> waiting = new LinkedHashMap<>();

    private volatile Told told = new Told(List.of(), List.of());

    private record Trial(byte[] payload, long untilMs) {}

    /** For those that must not wait while a state waits for the disk. */
    private record Told(List<String> trials, List<GatewayStatus.Refused> refused) {}

    /** On disk: which payload is being tried, and how many runs ended meanwhile. */
    record Mark(int hash, int length, long version, int endedRuns) {
        boolean isOf(byte[] payload) {
            return length == payload.length && hash == Arrays.hashCode(payload);
        }
    }

    /** On disk: what is not applied again, and why. */
    record Refusal(int hash, int length, GatewayStatus.Refused told) {
        Refusal {
            if (told == null) {
                throw new IllegalArgumentException("it tells nothing");
            }
        }

        boolean isOf(byte[] payload) {
            return length == payload.length && hash == Arrays.hashCode(payload);
        }
    }

    /** As far as every state has one. */
    private record Versioned(long version) {}

    /**
     * Puts in force what earlier runs kept.
     *
     * @param crashed what the last run died of, nothing where it ended otherwise
     */
    public DesiredStates(
            Registry registry,
            Spool spool,
            AgentMetrics metrics,
            TrialConfig trial,
            @Nullable String crashed,
            Clock clock,
            LongSupplier monotonicMs) {
        this.registry = registry;
        this.spool = spool;
        this.writer = new WriterThread(spool, MARK_PATIENCE);
        this.metrics = metrics;
        this.clock = clock;
        this.monotonicMs = monotonicMs;
        this.trialMs = trial.lasts().toMillis();
        this.crashed = crashed;
        recall();
        metrics.gauge(
                "state.trials", "States in force on trial", () -> told.trials().size());
        metrics.gauge(
                "state.refused",
                "States of the cloud that this agent does not run",
                () -> told.refused().size());
    }

    /**
     * What earlier runs kept; once more when a disk could not be read at the start and can be now: what came meanwhile is
     * newer.
     */
    public final synchronized void recall() {
        KeptDocuments.read(spool.kept(KIND_REFUSED), json -> DesiredJson.read(json, Refusal.class))
                .forEach(this::recallRefusal);
        Map<String, byte[]> kept = spool.kept(KIND_STATE);
        KeptDocuments.read(spool.kept(KIND_TRIAL), json -> DesiredJson.read(json, Mark.class))
                .forEach((topic, mark) -> {
                    if (!isInForce(topic)) {
                        lastRunTried(topic, mark, kept.get(topic));
                    }
                });
        kept.forEach(this::applyKept);
        changed();
    }

    private void recallRefusal(String topic, Refusal refusal) {
        if (!isInForce(topic) && refusals.size() < GatewayStatus.MAX_REFUSED) {
            refusals.putIfAbsent(topic, refusal);
        }
    }

    private boolean isInForce(String topic) {
        return good.containsKey(topic) || trials.containsKey(topic);
    }

    private void applyKept(String topic, byte[] payload) {
        if (trials.containsKey(topic)) {
            // What is on trial was taken for the first of its topic and kept in place of this one.
            good.put(topic, payload);
            keep(KIND_STATE, topic, payload);
            return;
        }
        if (good.containsKey(topic)) {
            return;
        }
        Refusal refusal = refusals.get(topic);
        if (refusal != null && refusal.isOf(payload)) {
            keep(KIND_STATE, topic, null);
            return;
        }
        try {
            registry.apply(topic, payload);
        } catch (IllegalArgumentException e) {
            refuse(topic, payload, "it was kept and cannot be read any more: " + e.getMessage());
            return;
        }
        Mark mark = ended.get(topic);
        if (mark != null && mark.isOf(payload)) {
            // The first of its topic: kept for want of a better one, and not tried to the end yet.
            keep(KIND_TRIAL, topic, DesiredJson.write(mark));
            trials.put(topic, new Trial(payload, monotonicMs.getAsLong() + trialMs));
        } else {
            good.put(topic, payload);
        }
    }

    private void lastRunTried(String topic, Mark mark, byte @Nullable [] kept) {
        Mark now = new Mark(mark.hash(), mark.length(), mark.version(), mark.endedRuns() + 1);
        boolean goesBack = kept != null && !mark.isOf(kept);
        if (crashed != null || (now.endedRuns() >= MAX_ENDED_RUNS && goesBack)) {
            String why = crashed == null
                    ? now.endedRuns() + " runs of the agent ended while they tried it"
                    : "the agent crashed while it tried it: " + crashed;
            note(topic, mark.hash(), mark.length(), mark.version(), why);
            keep(KIND_TRIAL, topic, null);
        } else {
            ended.put(topic, now);
        }
    }

    public void start() {
        long everyMs = Math.max(50, Math.min(1_000, trialMs / 4));
        thread.scheduleWithFixedDelay(new Chore(this::endTrials), everyMs, everyMs, TimeUnit.MILLISECONDS);
    }

    /** Takes one retained message, and does not wait. */
    public void received(String topic, byte[] payload) {
        synchronized (waiting) {
            waiting.remove(topic);
            waiting.put(topic, payload);
        }
        try {
            thread.execute(new Chore(this::takeNext));
        } catch (RejectedExecutionException e) {
            LOG.debug("closed; the next run is sent it again", e);
        }
    }

    private void takeNext() {
        Map.Entry<String, byte[]> next;
        synchronized (waiting) {
            Iterator<Map.Entry<String, byte[]>> eldest = waiting.entrySet().iterator();
            if (!eldest.hasNext()) {
                return;
            }
            next = Map.Entry.copyOf(eldest.next());
            eldest.remove();
        }
        arrived(next.getKey(), next.getValue());
    }

    synchronized void arrived(String topic, byte[] payload) {
        if (isKnown(topic, payload)) {
            return;
        }
        Mark before = ended.get(topic);
        int endedRuns = before != null && before.isOf(payload) ? before.endedRuns() : 0;
        try {
            mark(topic, new Mark(Arrays.hashCode(payload), payload.length, versionOf(payload), endedRuns));
            if (!registry.apply(topic, payload)) {
                Trial trial = trials.get(topic);
                keep(KIND_TRIAL, topic, trial == null ? null : markOf(trial.payload()));
                return;
            }
            ended.remove(topic);
            if (!good.containsKey(topic) && !registry.isOver(topic)) {
                // A gateway that comes up without its line knows its devices from this, or from nothing.
                keep(KIND_STATE, topic, payload);
            }
            trials.put(topic, new Trial(payload, monotonicMs.getAsLong() + trialMs));
            if (refusals.remove(topic) != null) {
                keep(KIND_REFUSED, topic, null);
            }
            changed();
        } catch (IllegalArgumentException e) {
            keep(KIND_TRIAL, topic, null);
            refuse(topic, payload, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("the state {} cannot be run with", topic, e);
            goBack(topic, payload, "the agent failed at it: " + e);
        }
    }

    /** What every new connection brings again. */
    private boolean isKnown(String topic, byte[] payload) {
        Refusal refusal = refusals.get(topic);
        Trial trial = trials.get(topic);
        return (refusal != null && refusal.isOf(payload))
                || (trial == null ? Arrays.equals(payload, good.get(topic)) : Arrays.equals(payload, trial.payload()));
    }

    /** A mark that is not on disk would not be found after a crash; but a disk that refuses keeps no state away. */
    private void mark(String topic, Mark mark) {
        try {
            if (!writer.run(draft -> draft.keep(KIND_TRIAL, topic, DesiredJson.write(mark)))) {
                LOG.warn("the state {} is tried without a mark on disk", topic);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] markOf(byte[] payload) {
        return DesiredJson.write(new Mark(Arrays.hashCode(payload), payload.length, versionOf(payload), 0));
    }

    private synchronized void endTrials() {
        confirm(monotonicMs.getAsLong());
    }

    /** Those that were on trial until then. A disk that refuses says nothing of a state, and would not keep it. */
    private void confirm(long untilMs) {
        if (!spool.refusing()) {
            List.copyOf(trials.entrySet()).stream()
                    .filter(one -> one.getValue().untilMs() <= untilMs)
                    .forEach(one -> confirm(one.getKey(), one.getValue().payload()));
        }
    }

    private void confirm(String topic, byte[] payload) {
        trials.remove(topic);
        byte[] kept = registry.isOver(topic) ? null : payload;
        if (kept == null) {
            good.remove(topic);
        } else {
            good.put(topic, kept);
        }
        keep(KIND_STATE, topic, kept);
        keep(KIND_TRIAL, topic, null);
        changed();
    }

    /** The states that are on trial beside this one stay: they have done nothing wrong. */
    private void goBack(String topic, byte[] payload, String why) {
        trials.remove(topic);
        keep(KIND_TRIAL, topic, null);
        if (!good.containsKey(topic)) {
            keep(KIND_STATE, topic, null);
        }
        refuse(topic, payload, why);
        Map<String, byte[]> states = new LinkedHashMap<>(good);
        trials.forEach((other, trial) -> states.put(other, trial.payload()));
        registry.restore(states);
    }

    private void refuse(String topic, byte[] payload, String why) {
        note(topic, Arrays.hashCode(payload), payload.length, versionOf(payload), why);
    }

    /** 0 where it tells none that can be read. */
    private static long versionOf(byte[] payload) {
        try {
            return DesiredJson.read(payload, Versioned.class).version();
        } catch (IllegalArgumentException e) {
            return 0;
        }
    }

    private void note(String topic, int hash, int length, long version, String why) {
        metrics.desiredStateRefused();
        LOG.error("the state {} is refused, the last good one stays in force: {}", topic, why);
        String told = why.length() > Limits.WORDS ? why.substring(0, Limits.WORDS) : why;
        Refusal refusal = new Refusal(hash, length, new GatewayStatus.Refused(topic, version, told, clock.instant()));
        refusals.remove(topic);
        refusals.put(topic, refusal);
        if (refusals.size() > GatewayStatus.MAX_REFUSED) {
            String eldest = refusals.keySet().iterator().next();
            refusals.remove(eldest);
            keep(KIND_REFUSED, eldest, null);
        }
        keep(KIND_REFUSED, topic, DesiredJson.write(refusal));
        changed();
    }

    private void keep(String kind, String key, byte @Nullable [] body) {
        if (!spool.submit(new Keep(kind, key, body), PATIENCE)) {
            LOG.warn("the spool had no room to keep the {} of {}", kind, key);
        }
    }

    /** Grows with everything that the status tells of states. */
    public long changes() {
        return changes.get() + registry.changes();
    }

    /** Versions in force, for the status. */
    public GatewayStatus.Running running() {
        return new GatewayStatus.Running(
                registry.settingsVersion(), registry.profiles(), registry.ruleSets(), told.trials());
    }

    /** What is not in force, newest last. */
    public List<GatewayStatus.Refused> refused() {
        return told.refused();
    }

    private void changed() {
        told = new Told(
                List.copyOf(trials.keySet()),
                refusals.values().stream().map(Refusal::told).toList());
        changes.incrementAndGet();
    }

    /** An agent that ends because it was told to has run with what it tries. */
    @Override
    public void close() {
        thread.shutdownNow();
        synchronized (this) {
            confirm(Long.MAX_VALUE);
        }
    }
}

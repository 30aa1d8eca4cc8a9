package dev.tocsin.agent.spool;

import dev.tocsin.agent.link.FieldLink;
import dev.tocsin.profiles.wire.Sequences;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what the agent took until the broker has it. Any thread submits; the writer thread commits whatever is queued
 * at once (group commit), and tells each sender after its commit. When the disk refuses, the commit is tried again
 * until it succeeds: nobody is told, the queue fills up and senders wait.
 */
public final class Spool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
    private static final long RETRY_FIRST_MS = 100;
    private static final long RETRY_MAX_MS = 5_000;

    private final Path path;
    private final SpoolLimits limits;
    private final Clock clock;
    private final SpoolLock lock;
    private final Inbox inbox;
    private final Thread writer = new Thread(this::write, "spool");

    // Owned by the writer thread once it runs.
    private SpoolFile file;
    private final RecentReadings recent;
    private final Redelivery redelivery;
    private final Sequences confirmed = new Sequences();
    private long commitId;
    private Consumer<Commit> afterCommit = commit -> {};

    /** The newest commit with messages of MQTT after which all of them were acknowledged. */
    private volatile long acknowledgedUpTo;

    private final String epoch;
    private volatile long lastSequence;
    private volatile SpoolStatus status;

    /**
     * One commit that is on disk.
     *
     * @param bytes of the block, 0 when it held no reading
     * @param flush live should go out now
     */
    public record Commit(
            long lastSequence,
            int readings,
            int bytes,
            boolean flush,
            boolean messages,
            int redelivered,
            int resent,
            long nanos) {}

    /**
     * @param path of the SQLite file; its folder exists
     * @param mqttWindow Receive Maximum of the field connection
     * @param field what is known of the field connection
     * @throws SpoolException when the file cannot be opened, or another process has it
     */
    public Spool(Path path, SpoolLimits limits, int mqttWindow, Clock clock, Supplier<FieldLink.State> field) {
        this.path = path;
        this.limits = limits;
        this.clock = clock;
        lock = new SpoolLock(path);
        inbox = new Inbox(limits);
        try {
            file = new SpoolFile(path, limits, confirmed);
            epoch = file.epoch();
            recent = new RecentReadings(file.recent());
            List<Redelivery.Row> unacked = file.unacked();
            redelivery = new Redelivery(mqttWindow, Spool::monotonicMs, field, unacked);
            commitId = file.lastCommit();
            lastSequence = file.nextSequence() - 1;
            status = statusOf(null);
        } catch (SQLException e) {
            lock.close();
            throw new SpoolException("the spool " + path + " cannot be opened: " + e.getMessage(), e);
        }
    }

    /** @param whenCommitted runs on the writer thread after each commit; must not block */
    public void start(Consumer<Commit> whenCommitted) {
        afterCommit = whenCommitted;
        writer.start();
    }

    private static long monotonicMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    public String epoch() {
        return epoch;
    }

    /** Every acknowledgement of MQTT messages for commits up to this one was given to the client. */
    public long acknowledgedUpTo() {
        return acknowledgedUpTo;
    }

    /** The newest sequence on disk, 0 when none was ever given. */
    public long lastSequence() {
        return lastSequence;
    }

    public SpoolStatus status() {
        return status;
    }

    public Path path() {
        return path;
    }

    /** Documents of a kind that earlier runs kept; for the time before {@link #start}. */
    public Map<String, byte[]> kept(String kind) {
        try (SpoolReader reader = new SpoolReader(path)) {
            return reader.kept(kind);
        }
    }

    /**
     * Queues work for the next commit, waiting for room.
     *
     * @return false when there was no room within the time, or the spool is closed: the sender must not be told that
     *     its message is safe
     */
    public boolean submit(Work work, Duration patience) {
        return inbox.submit(work, patience);
    }

    /** Whether the last attempt to commit succeeded and the queue has room. */
    public boolean accepting() {
        return status.fault() == null && inbox.hasRoom();
    }

    /** The broker has these; they go with one of the next commits. What is freed twice is freed once. */
    public void free(List<Sequences.Range> blocks, List<Long> messages, List<Sequences.Range> evicted) {
        inbox.free(blocks, messages, evicted);
    }

    /** A row that the disk damaged: with one of the next commits it counts as evicted. */
    public void giveUp(Sequences.Range row) {
        LOG.error("the readings {} to {} in {} are damaged and are given up", row.first(), row.last(), path);
        inbox.giveUp(row);
    }

    /** Lets what was freed leave the disk although nothing new comes in. */
    public void tidy() {
        inbox.tidy();
    }

    private void write() {
        try {
            for (Inbox.Batch batch = inbox.next(); batch != null; batch = inbox.next()) {
                commit(batch);
            }
        } catch (InterruptedException e) {
            LOG.warn("the spool was interrupted; what was not acknowledged will be sent again");
        }
    }

    private void commit(Inbox.Batch batch) throws InterruptedException {
        long begin = System.nanoTime();
        Draft draft = new Draft(recent, redelivery);
        for (Work work : batch.works()) {
            try {
                work.into(draft);
            } catch (RuntimeException e) {
                // Not its message: that may quote the input, and with it a secret.
                LOG.error("a message could not be digested and is kept as rejected: {}", place(e));
                work.indigestible(draft, e);
            }
        }
        redelivery.forget();
        SpoolFile.Freed freed = batch.freed();
        boolean something = !draft.isEmpty() || !freed.isEmpty();
        if (something) {
            commitUntilKept(draft, freed);
        }
        for (Work work : batch.works()) {
            work.kept();
        }
        if (draft.hashes(Redelivery.Origin.MQTT).length > 0) {
            acknowledgedUpTo = commitId;
        }
        long nanos = System.nanoTime() - begin;
        if (something) {
            afterCommit.accept(new Commit(
                    lastSequence,
                    draft.count,
                    status.newestBlockBytes(),
                    draft.flush,
                    !draft.messages.isEmpty(),
                    draft.redelivered,
                    draft.resent,
                    nanos));
            long spareNanos = limits.commitInterval().toNanos() - nanos;
            if (spareNanos > 0 && draft.count > 0) {
                TimeUnit.NANOSECONDS.sleep(spareNanos);
            }
        }
    }

    private void commitUntilKept(Draft draft, SpoolFile.Freed freed) throws InterruptedException {
        commitId++;
        long backoffMs = RETRY_FIRST_MS;
        List<Redelivery.Row> changed = redelivery.changed();
        while (true) {
            try {
                // What failed may be on disk nevertheless: an error can come after the moment that counts.
                SpoolFile.Result result = file.lastCommit() == commitId
                        ? new SpoolFile.Result(file.nextSequence() - draft.count, draft.count, 0, 0, 0)
                        : file.commit(draft, freed, redelivery, commitId, clock.millis());
                redelivery.written(changed);
                onDisk(draft, result);
                return;
            } catch (SQLException e) {
                if (status.fault() == null) {
                    LOG.error(
                            "the spool {} cannot commit; nothing is acknowledged until it can: {}",
                            path,
                            e.getMessage());
                }
                status = status.failed(e.getMessage());
                if (inbox.stopping()) {
                    throw new InterruptedException("stopped while the disk refuses");
                }
                Thread.sleep(backoffMs);
                backoffMs = Math.min(RETRY_MAX_MS, backoffMs * 2);
                reopen();
            }
        }
    }

    private void onDisk(Draft draft, SpoolFile.Result result) {
        lastSequence = result.firstSequence() + result.readings() - 1;
        for (Redelivery.Origin origin : Redelivery.Origin.values()) {
            long[] hashes = draft.hashes(origin);
            if (hashes.length > 0) {
                int connection = origin == Redelivery.Origin.MQTT ? draft.mqttConnection : Redelivery.COAP;
                redelivery.committed(
                        new Redelivery.Row(commitId * 2 + origin.code, origin, connection, monotonicMs(), hashes));
            }
        }
        if (status.fault() != null) {
            LOG.warn("the spool {} commits again", path);
        }
        status = statusOf(result);
    }

    /** A connection that failed is not trusted again. */
    private void reopen() {
        try {
            file.close();
        } catch (SQLException e) {
            LOG.debug("closing after a failure", e);
        }
        try {
            file = new SpoolFile(path, limits, confirmed);
            if (!file.epoch().equals(epoch)) {
                // Sequences of another file: whatever went on with them would be taken for readings it is not.
                throw new IllegalStateException("the spool " + path + " was exchanged under the agent that runs");
            }
        } catch (SQLException e) {
            status = status.failed(e.getMessage());
        }
    }

    private SpoolStatus statusOf(SpoolFile.@Nullable Result result) {
        Usage usage = file.usage();
        SpoolStatus last = status;
        long evictedReadings = last == null ? 0 : last.evictedReadings();
        long evictedMessages = last == null ? 0 : last.evictedMessages();
        long failures = last == null ? 0 : last.failures();
        return new SpoolStatus(
                usage.bytes(),
                usage.blocks(),
                usage.alerts(),
                usage.others(),
                evictedReadings + (result == null ? 0 : result.evictedReadings()),
                evictedMessages + (result == null ? 0 : result.evictedMessages()),
                failures,
                result == null ? 0 : result.bytes(),
                null);
    }

    /** Commits what is queued and closes the file. */
    @Override
    public void close() {
        inbox.close();
        try {
            writer.join();
            file.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            LOG.warn("closing the spool {}: {}", path, e.getMessage());
        } finally {
            lock.close();
        }
    }

    private static String place(RuntimeException e) {
        StackTraceElement[] trace = e.getStackTrace();
        return e.getClass().getName() + (trace.length == 0 ? "" : " at " + trace[0]);
    }
}

package dev.tocsin.agent.spool;

import dev.tocsin.agent.link.FieldLink;
import dev.tocsin.profiles.wire.Sequences;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
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
    private final FileChannel lockFile;
    private final Thread writer = new Thread(this::write, "spool");

    // Guarded by lock.
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notEmpty = lock.newCondition();
    private final Condition notFull = lock.newCondition();
    private final Deque<Work> queue = new ArrayDeque<>();
    private final List<Sequences.Range> freedBlocks = new ArrayList<>();
    private final List<Long> freedMessages = new ArrayList<>();
    private final List<Sequences.Range> freedEvicted = new ArrayList<>();
    private final List<Sequences.Range> damaged = new ArrayList<>();
    private int queuedReadings;
    private boolean freeNow;
    private boolean stopping;

    // Owned by the writer thread once it runs.
    private SpoolFile file;
    private final RecentReadings recent;
    private final Redelivery redelivery;
    private final Sequences confirmed = new Sequences();
    private long commitId;
    private Consumer<Commit> afterCommit = commit -> {};

    /** Of each broker, the newest commit with messages of it after which all of them were acknowledged. */
    private final Map<String, Long> acknowledgedUpTo = new ConcurrentHashMap<>();

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

    private record Batch(List<Work> works, SpoolFile.Freed freed) {}

    /**
     * @param path of the SQLite file; its folder exists
     * @param mqttWindow Receive Maximum of the field connections
     * @param links what is known of the connection to a field broker, by its {@link FieldLink#way}
     * @throws SpoolException when the file cannot be opened, or another process has it
     */
    public Spool(
            Path path,
            SpoolLimits limits,
            int mqttWindow,
            Clock clock,
            Function<String, FieldLink.@Nullable State> links) {
        this.path = path;
        this.limits = limits;
        this.clock = clock;
        lockFile = lockFor(path);
        try {
            file = new SpoolFile(path, limits, confirmed);
            epoch = file.epoch();
            recent = new RecentReadings(file.recent());
            List<Redelivery.Row> unacked = file.unacked();
            redelivery = new Redelivery(mqttWindow, Spool::monotonicMs, links, unacked);
            commitId = file.lastCommit();
            lastSequence = file.nextSequence() - 1;
            status = statusOf(null);
        } catch (SQLException e) {
            closeLock();
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

    /** Every acknowledgement to a broker for commits up to this one was given to the client. */
    public long acknowledgedUpTo(String way) {
        return acknowledgedUpTo.getOrDefault(way, 0L);
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
        long nanos = patience.toNanos();
        lock.lock();
        try {
            while (!stopping && !queue.isEmpty() && queuedReadings + work.weight() > limits.queueReadings()) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = notFull.awaitNanos(nanos);
            }
            if (stopping) {
                return false;
            }
            queue.add(work);
            queuedReadings += work.weight();
            notEmpty.signal();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the last attempt to commit succeeded and the queue has room. */
    public boolean accepting() {
        lock.lock();
        try {
            return !stopping && status.fault() == null && queuedReadings < limits.queueReadings();
        } finally {
            lock.unlock();
        }
    }

    /** The broker has these; they go with one of the next commits. What is freed twice is freed once. */
    public void free(List<Sequences.Range> blocks, List<Long> messages, List<Sequences.Range> evicted) {
        lock.lock();
        try {
            freedBlocks.addAll(blocks);
            freedMessages.addAll(messages);
            freedEvicted.addAll(evicted);
        } finally {
            lock.unlock();
        }
    }

    /** A row that the disk damaged: with one of the next commits it counts as evicted. */
    public void giveUp(Sequences.Range row) {
        LOG.error("the readings {} to {} in {} are damaged and are given up", row.first(), row.last(), path);
        lock.lock();
        try {
            damaged.add(row);
        } finally {
            lock.unlock();
        }
    }

    /** Lets what was freed leave the disk although nothing new comes in. */
    public void tidy() {
        lock.lock();
        try {
            freeNow = true;
            notEmpty.signal();
        } finally {
            lock.unlock();
        }
    }

    private void write() {
        try {
            for (Batch batch = next(); batch != null; batch = next()) {
                commit(batch);
            }
        } catch (InterruptedException e) {
            LOG.warn("the spool was interrupted; what was not acknowledged will be sent again");
        }
    }

    private @Nullable Batch next() throws InterruptedException {
        lock.lock();
        try {
            while (queue.isEmpty() && !freeNow && !stopping) {
                notEmpty.await();
            }
            freeNow = false;
            boolean freed =
                    !freedBlocks.isEmpty() || !freedMessages.isEmpty() || !freedEvicted.isEmpty() || !damaged.isEmpty();
            if (queue.isEmpty() && stopping && !freed) {
                return null;
            }
            List<Work> works = new ArrayList<>();
            int readings = 0;
            Map<String, Via> connections = new HashMap<>(4);
            for (Work work = queue.peek();
                    work != null
                            && (works.isEmpty() || readings + work.weight() <= limits.commitReadings())
                            && isOfThoseConnections(connections, work.via());
                    work = queue.peek()) {
                works.add(queue.remove());
                readings += work.weight();
            }
            queuedReadings -= readings;
            notFull.signalAll();
            return new Batch(works, takeFreed());
        } finally {
            lock.unlock();
        }
    }

    /** Adds the connection where none of its broker is among them yet. */
    private static boolean isOfThoseConnections(Map<String, Via> connections, @Nullable Via via) {
        if (via == null || !via.mayComeAgain()) {
            return true;
        }
        Via first = connections.putIfAbsent(via.way(), via);
        return first == null || first.equals(via);
    }

    /** Copies: what is freed during the commit goes with the next one. */
    private SpoolFile.Freed takeFreed() {
        SpoolFile.Freed freed = new SpoolFile.Freed(
                List.copyOf(freedBlocks), List.copyOf(freedMessages), List.copyOf(freedEvicted), List.copyOf(damaged));
        damaged.clear();
        freedBlocks.clear();
        freedMessages.clear();
        freedEvicted.clear();
        return freed;
    }

    private void commit(Batch batch) throws InterruptedException {
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
        Map<Via, long[]> messageHashes = draft.messageHashes();
        SpoolFile.Freed freed = batch.freed();
        boolean something = !draft.isEmpty()
                || !freed.blocks().isEmpty()
                || !freed.messages().isEmpty()
                || !freed.evicted().isEmpty()
                || !freed.damaged().isEmpty();
        if (something) {
            commitUntilKept(draft, freed, messageHashes);
        }
        for (Work work : batch.works()) {
            work.kept();
        }
        messageHashes.keySet().forEach(via -> acknowledgedUpTo.put(via.way(), commitId));
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

    private void commitUntilKept(Draft draft, SpoolFile.Freed freed, Map<Via, long[]> messageHashes)
            throws InterruptedException {
        commitId++;
        long backoffMs = RETRY_FIRST_MS;
        Redelivery.Changes changes = redelivery.changes(messageHashes, commitId);
        while (true) {
            try {
                // What failed may be on disk nevertheless: an error can come after the moment that counts.
                SpoolFile.Result result = file.lastCommit() == commitId
                        ? new SpoolFile.Result(file.nextSequence() - draft.count, draft.count, 0, 0, 0)
                        : file.commit(draft, freed, changes, commitId, clock.millis());
                redelivery.written(changes);
                onDisk(result);
                return;
            } catch (SQLException e) {
                if (status.fault() == null) {
                    LOG.error(
                            "the spool {} cannot commit; nothing is acknowledged until it can: {}",
                            path,
                            e.getMessage());
                }
                status = status.failed(e.getMessage());
                if (stopping()) {
                    throw new InterruptedException("stopped while the disk refuses");
                }
                Thread.sleep(backoffMs);
                backoffMs = Math.min(RETRY_MAX_MS, backoffMs * 2);
                reopen();
            }
        }
    }

    private void onDisk(SpoolFile.Result result) {
        lastSequence = result.firstSequence() + result.readings() - 1;
        if (status.fault() != null) {
            LOG.warn("the spool {} commits again", path);
        }
        status = statusOf(result);
    }

    private boolean stopping() {
        lock.lock();
        try {
            return stopping;
        } finally {
            lock.unlock();
        }
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
        SpoolFile.Usage usage = file.usage();
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
        lock.lock();
        try {
            stopping = true;
            notEmpty.signalAll();
            notFull.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            writer.join();
            file.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            LOG.warn("closing the spool {}: {}", path, e.getMessage());
        } finally {
            closeLock();
        }
    }

    private static String place(RuntimeException e) {
        StackTraceElement[] trace = e.getStackTrace();
        return e.getClass().getName() + (trace.length == 0 ? "" : " at " + trace[0]);
    }

    private static FileChannel lockFor(Path path) {
        Path lockPath = path.resolveSibling(path.getFileName() + ".lock");
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            FileChannel channel = FileChannel.open(lockPath, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                FileLock held = channel.tryLock();
                if (held != null) {
                    return channel;
                }
            } catch (OverlappingFileLockException e) {
                // The same answer: somebody has it, in this very process.
            }
            channel.close();
            throw new SpoolException("the spool " + path + " belongs to another agent that runs", null);
        } catch (IOException e) {
            throw new SpoolException("the folder of the spool " + path + " cannot be written: " + e.getMessage(), e);
        }
    }

    private void closeLock() {
        try {
            lockFile.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

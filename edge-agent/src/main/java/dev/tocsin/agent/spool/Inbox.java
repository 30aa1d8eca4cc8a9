package dev.tocsin.agent.spool;

import dev.tocsin.profiles.wire.Sequences;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What waits for the writer: work from any thread, and what the broker has. Bounded by readings. Safe for any thread. */
final class Inbox {
    private final SpoolLimits limits;

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

    /** What one commit takes. */
    record Batch(List<Work> works, SpoolFile.Freed freed) {
        static final Batch NOTHING = new Batch(List.of(), SpoolFile.Freed.NOTHING);
    }

    Inbox(SpoolLimits limits) {
        this.limits = limits;
    }

    /** @return false when there was no room within the time, or it is closed */
    boolean submit(Work work, Duration patience) {
        long nanos = patience.toNanos();
        lock.lock();
        try {
            while (!stopping && !hasRoomFor(work.weight())) {
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

    private boolean hasRoomFor(int weight) {
        return weight == 0 || queue.isEmpty() || queuedReadings + weight <= limits.queueReadings();
    }

    boolean hasRoom() {
        lock.lock();
        try {
            return !stopping && queuedReadings < limits.queueReadings();
        } finally {
            lock.unlock();
        }
    }

    void free(List<Sequences.Range> blocks, List<Long> messages, List<Sequences.Range> evicted) {
        lock.lock();
        try {
            freedBlocks.addAll(blocks);
            freedMessages.addAll(messages);
            freedEvicted.addAll(evicted);
        } finally {
            lock.unlock();
        }
    }

    void giveUp(Sequences.Range row) {
        lock.lock();
        try {
            damaged.add(row);
        } finally {
            lock.unlock();
        }
    }

    void tidy() {
        lock.lock();
        try {
            freeNow = true;
            notEmpty.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for something to commit; nothing when it is closed and empty. */
    @Nullable
    Batch next() throws InterruptedException {
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
            return new Batch(takeWorks(), takeFreed());
        } finally {
            lock.unlock();
        }
    }

    /** Waits so long for one; nothing when none came. */
    @Nullable
    Work poll(long waitMs) throws InterruptedException {
        long nanos = TimeUnit.MILLISECONDS.toNanos(waitMs);
        lock.lock();
        try {
            while (queue.isEmpty() && !stopping && nanos > 0) {
                nanos = notEmpty.awaitNanos(nanos);
            }
            Work work = queue.poll();
            if (work != null) {
                queuedReadings -= work.weight();
                notFull.signalAll();
            }
            return work;
        } finally {
            lock.unlock();
        }
    }

    private List<Work> takeWorks() {
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
        return works;
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

    boolean stopping() {
        lock.lock();
        try {
            return stopping;
        } finally {
            lock.unlock();
        }
    }

    /** Takes nothing more; what is queued can still be taken out. */
    void close() {
        lock.lock();
        try {
            stopping = true;
            notEmpty.signalAll();
            notFull.signalAll();
        } finally {
            lock.unlock();
        }
    }
}

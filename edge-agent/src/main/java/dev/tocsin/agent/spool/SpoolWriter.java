package dev.tocsin.agent.spool;

import dev.tocsin.agent.link.FieldLink;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits what is queued, again and again until the disk takes it. While it does not, nothing is acknowledged, and what
 * comes in is judged in passing, so that alarms go on. Owns the file; everything runs on one thread but the first
 * {@link #open} and what is volatile.
 */
final class SpoolWriter {
    private static final Logger LOG = LoggerFactory.getLogger(SpoolWriter.class);
    private static final long RETRY_FIRST_MS = 100;
    private static final long RETRY_MAX_MS = 5_000;

    private final Path path;
    private final SpoolLimits limits;
    private final int mqttWindow;
    private final Clock clock;
    private final LongSupplier monotonicMs;
    private final Function<String, FieldLink.@Nullable State> links;
    private final Inbox inbox;
    private final Unsaved unsaved;
    private final SpoolFolder folder;
    private final SpoolAge age;

    private @Nullable SpoolFile file;
    /** Of the file when it was closed last. */
    private SpoolFile.@Nullable Summary summary;

    private RecentReadings recent = new RecentReadings(new long[0]);
    private Redelivery redelivery;
    private long commitId;
    private Consumer<Spool.Commit> afterCommit = commit -> {};
    private Runnable onLateOpen = () -> {};

    private boolean unsavedWereSaved;
    /** What the newest attempt to commit took along. */
    private Unsaved.Content attempted = Unsaved.Content.NOTHING;

    /** Of each broker, the newest commit with messages of it after which all of them were acknowledged. */
    private final Map<String, Long> acknowledgedUpTo = new ConcurrentHashMap<>();

    private volatile SpoolStatus status = SpoolStatus.BEFORE_START;
    /** Nothing until the file could be opened for the first time. */
    private volatile @Nullable String epoch;

    private volatile long replaced;
    private volatile long lastSequence;
    /** Another number after each time that the file was opened anew. */
    private final AtomicLong generation = new AtomicLong();

    private volatile boolean suspect;

    SpoolWriter(
            SpoolFolder folder,
            SpoolLimits limits,
            int mqttWindow,
            Clock clock,
            LongSupplier monotonicMs,
            Function<String, FieldLink.@Nullable State> links,
            Inbox inbox,
            Unsaved unsaved) {
        this.folder = folder;
        this.path = folder.path();
        this.limits = limits;
        this.mqttWindow = mqttWindow;
        this.clock = clock;
        this.monotonicMs = monotonicMs;
        this.links = links;
        this.inbox = inbox;
        this.unsaved = unsaved;
        age = new SpoolAge(monotonicMs);
        redelivery = new Redelivery(mqttWindow, monotonicMs, links, List.of());
    }

    SpoolStatus status() {
        return status;
    }

    @Nullable
    String epoch() {
        return epoch;
    }

    long replaced() {
        return replaced;
    }

    long lastSequence() {
        return lastSequence;
    }

    long acknowledgedUpTo(String way) {
        return acknowledgedUpTo.getOrDefault(way, 0L);
    }

    long generation() {
        return generation.get();
    }

    /** Somebody could not read the file: it is looked at as a whole. */
    void suspect() {
        suspect = true;
        inbox.tidy();
    }

    /**
     * @param committed runs after each commit; must not block
     * @param lateOpen runs when the file could be opened that could not be at the start
     */
    void tell(Consumer<Spool.Commit> committed, Runnable lateOpen) {
        afterCommit = committed;
        onLateOpen = lateOpen;
    }

    /** @return false when the disk takes nothing now */
    boolean open() {
        try {
            String knownEpoch = epoch;
            SpoolFolder.Known known =
                    knownEpoch == null ? null : new SpoolFolder.Known(knownEpoch, lastSequence + 1, commitId, summary);
            SpoolFolder.Opened opened = folder.open(known);
            SpoolFile fresh = opened.file();
            if (known == null) {
                recent = new RecentReadings(opened.recent());
                redelivery = new Redelivery(mqttWindow, monotonicMs, links, opened.unacked());
                commitId = fresh.state().commit();
                age.resume(fresh.state().ageMs());
                lastSequence = fresh.nextSequence() - 1;
            }
            file = fresh;
            replaced = fresh.state().replaced();
            epoch = fresh.epoch();
            generation.incrementAndGet();
            SpoolFolder.Lost lost = opened.lost();
            if (lost != null) {
                status = status.replaced(lost.loss(), lost.more(), monotonicMs.getAsLong());
            }
            if (known == null) {
                status = status.committed(fresh.usage(), SpoolFile.Result.NOTHING, monotonicMs.getAsLong());
            }
            return true;
        } catch (SQLException | IOException e) {
            failed(e);
            return false;
        }
    }

    private void failed(Exception e) {
        String why = e.getMessage() == null ? e.getClass().getName() : e.getMessage();
        if (status.fault() == null) {
            LOG.error(
                    "the spool {} cannot be written: {}; nothing is acknowledged until it can, alarms go on from memory",
                    path,
                    why);
        }
        status = status.failed(why);
    }

    void run() {
        try {
            openAtLast();
            for (Inbox.Batch batch = inbox.next(); batch != null; batch = inbox.next()) {
                lookWhereSuspected();
                commit(batch);
            }
        } catch (InterruptedException e) {
            LOG.warn("the spool was interrupted; what was not acknowledged will be sent again");
        }
    }

    private void openAtLast() throws InterruptedException {
        if (file != null) {
            return;
        }
        for (long backoffMs = RETRY_FIRST_MS; !open(); backoffMs = Math.min(RETRY_MAX_MS, backoffMs * 2)) {
            passFor(backoffMs);
        }
        LOG.warn("the spool {} is open at last", path);
        onLateOpen.run();
        // What is in memory alone goes before anything newer.
        commit(Inbox.Batch.NOTHING);
    }

    private void commit(Inbox.Batch batch) throws InterruptedException {
        long begin = System.nanoTime();
        Draft draft = new Draft(recent, redelivery);
        // First: what follows is newer.
        draft.kept.addAll(unsaved.takeDocuments());
        for (Work work : batch.works()) {
            if (work.lasting()) {
                Digestion.into(draft, work);
            } else {
                draft.takeWhatFollows(Digestion.inPassing(work, recent, redelivery));
            }
        }
        redelivery.forget();
        Map<Via, long[]> messageHashes = draft.messageHashes();
        boolean something = !draft.isEmpty()
                || !batch.freed().isEmpty()
                || !unsaved.content().isEmpty();
        if (something) {
            commitUntilKept(draft, batch, messageHashes);
        }
        for (Work work : batch.works()) {
            if (work.lasting()) {
                work.kept();
            }
        }
        messageHashes.keySet().forEach(via -> acknowledgedUpTo.put(via.way(), commitId));
        if (something) {
            told(draft, System.nanoTime() - begin);
        }
    }

    private void told(Draft draft, long nanos) throws InterruptedException {
        afterCommit.accept(new Spool.Commit(
                lastSequence,
                draft.count,
                status.newestBlockBytes(),
                draft.flush,
                !draft.messages.isEmpty() || unsavedWereSaved,
                draft.redelivered,
                draft.resent,
                nanos));
        unsavedWereSaved = false;
        long spareNanos = limits.commitInterval().toNanos() - nanos;
        if (spareNanos > 0 && draft.count > 0) {
            TimeUnit.NANOSECONDS.sleep(spareNanos);
        }
    }

    private void commitUntilKept(Draft draft, Inbox.Batch batch, Map<Via, long[]> messageHashes)
            throws InterruptedException {
        commitId++;
        boolean refused = false;
        boolean replacedNow = false;
        long backoffMs = RETRY_FIRST_MS;
        Redelivery.Changes changes = redelivery.changes(messageHashes, commitId);
        while (true) {
            SpoolFile open = file;
            if (open != null) {
                try {
                    onDisk(commitOnce(open, draft, batch.freed(), changes), changes);
                    return;
                } catch (SQLException e) {
                    failed(e);
                    close(open);
                    // Once: what fails in a file that was just replaced is not the file's fault.
                    if (Damage.isIn(e) && !replacedNow) {
                        replacedNow = true;
                        folder.condemn();
                        if (open()) {
                            continue;
                        }
                    } else if (Damage.isWantOfRoom(e) && folder.makeRoom() && open()) {
                        continue;
                    }
                }
            }
            if (inbox.stopping()) {
                throw new InterruptedException("stopped while the disk refuses");
            }
            if (!refused) {
                refused = true;
                hold(draft.takeAlerts());
                batch.works().forEach(Work::delayed);
            }
            passFor(backoffMs);
            backoffMs = Math.min(RETRY_MAX_MS, backoffMs * 2);
            open();
        }
    }

    private SpoolFile.Result commitOnce(SpoolFile open, Draft draft, SpoolFile.Freed freed, Redelivery.Changes changes)
            throws SQLException {
        // What failed may be on disk nevertheless: an error can come after the moment that counts.
        if (open.state().commit() == commitId) {
            saved(attempted);
            return new SpoolFile.Result(open.nextSequence() - draft.count, draft.count, 0, Loss.NONE, Loss.NONE);
        }
        Unsaved.Content content = unsaved.content();
        attempted = content;
        SpoolFile.State state = new SpoolFile.State(commitId, age.nowMs(), replaced);
        SpoolFile.Result result =
                open.commit(draft, new SpoolFile.Circumstances(content, freed, state, clock.millis()), changes);
        saved(content);
        return result;
    }

    private void saved(Unsaved.Content content) {
        unsavedWereSaved |= !content.isEmpty();
        unsaved.saved(content);
    }

    private void onDisk(SpoolFile.Result result, Redelivery.Changes changes) {
        redelivery.written(changes);
        lastSequence = result.firstSequence() + result.readings() - 1;
        if (status.fault() != null) {
            LOG.warn("the spool {} commits again", path);
        }
        SpoolFile open = file;
        if (open != null) {
            status = status.committed(open.usage(), result, monotonicMs.getAsLong());
        }
    }

    /** Until it is time to try again, what comes in is looked at, so that alarms go on. */
    private void passFor(long ms) throws InterruptedException {
        long until = monotonicMs.getAsLong() + ms;
        for (long left = ms; left > 0 && !inbox.stopping(); left = until - monotonicMs.getAsLong()) {
            Work work = inbox.poll(left);
            if (work != null) {
                Draft seen = Digestion.inPassing(work, recent, redelivery);
                unsaved.addDocuments(seen.kept);
                hold(seen.takeAlerts());
                work.refused();
            }
        }
        if (inbox.stopping()) {
            throw new InterruptedException("stopped while the disk refuses");
        }
    }

    /** Until the disk takes it, an alert is told from memory. */
    private void hold(List<byte[]> alerts) {
        if (!alerts.isEmpty()) {
            unsaved.addAlerts(alerts);
            afterCommit.accept(new Spool.Commit(lastSequence, 0, 0, false, true, 0, 0, 0));
        }
    }

    private void lookWhereSuspected() {
        SpoolFile open = file;
        if (!suspect || open == null) {
            return;
        }
        suspect = false;
        try {
            if (folder.isWhole()) {
                generation.incrementAndGet();
                return;
            }
        } catch (SQLException e) {
            LOG.warn("looking at the spool {}: {}", path, e.getMessage());
        }
        close(open);
        folder.condemn();
        open();
    }

    private void close(SpoolFile open) {
        file = null;
        summary = open.summary();
        try {
            open.close();
        } catch (SQLException e) {
            LOG.debug("closing after a failure", e);
        }
    }

    /** After the thread has ended. */
    void close() {
        try (folder) {
            SpoolFile open = file;
            String lastEpoch = epoch;
            if (open != null && lastEpoch != null) {
                try (open) {
                    open.putLogAway();
                    // Before the log is taken away: a kill in between would leave a mark that misses it.
                    folder.closed(lastEpoch, lastSequence + 1);
                }
            }
        } catch (SQLException | IOException e) {
            LOG.warn("closing the spool {}: {}", path, e.getMessage());
        }
    }
}

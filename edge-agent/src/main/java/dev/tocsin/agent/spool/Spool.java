package dev.tocsin.agent.spool;

import dev.tocsin.agent.link.FieldLink;
import dev.tocsin.profiles.wire.Sequences;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what the agent took until the broker has it. Any thread submits; the writer thread commits whatever is queued
 * at once (group commit), and tells each sender after its commit. When the disk refuses, at the start or later, the
 * commit is tried again until it succeeds, and meanwhile what comes in is judged in passing: nothing is acknowledged, and
 * alerts leave for the cloud from memory ({@link #unsavedAlerts}). A file that is damaged is replaced by what can be
 * saved of it.
 */
public final class Spool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

    private final Path path;
    private final Inbox inbox;
    private final Unsaved unsaved = new Unsaved();
    private final SpoolWriter work;
    private final Thread writer;

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
     * @param path of the SQLite file
     * @param mqttWindow Receive Maximum of the field connection
     * @param clock the gateway's, for what people read; no decision rests on it
     * @param monotonicMs elapsed time
     * @param links what is known of the connection to a field broker, by its {@link FieldLink#way}
     * @param saving runs now and then while a damaged file is saved, which takes minutes where it is large; must not block
     * @throws SpoolException when another process has the file
     */
    public Spool(
            Path path,
            SpoolLimits limits,
            int mqttWindow,
            Clock clock,
            LongSupplier monotonicMs,
            Function<String, FieldLink.@Nullable State> links,
            Runnable saving) {
        this.path = path;
        inbox = new Inbox(limits);
        SpoolFolder spoolFolder = new SpoolFolder(path, limits, saving);
        work = new SpoolWriter(spoolFolder, limits, mqttWindow, clock, monotonicMs, links, inbox, unsaved);
        writer = new Thread(work::run, "spool");
        work.open();
    }

    /**
     * @param whenCommitted runs on the writer thread after each commit, and after each alert that is in memory alone; must
     *     not block
     * @param whenOpenedLate runs on the writer thread when a file could be opened that could not be at the start: what
     *     {@link #kept} has to tell may be more than it was
     */
    public void start(Consumer<Commit> whenCommitted, Runnable whenOpenedLate) {
        work.tell(whenCommitted, whenOpenedLate);
        writer.start();
    }

    /** Nothing while the file could not be opened yet. */
    public @Nullable String epoch() {
        return work.epoch();
    }

    /**
     * By what the cloud tells whether this gateway still knows what it once claimed: the epoch, and another word behind it
     * each time that something was lost.
     */
    public @Nullable String incarnation() {
        String epoch = work.epoch();
        long replaced = work.replaced();
        return epoch == null || replaced == 0 ? epoch : epoch + "." + replaced;
    }

    /** Every acknowledgement to a broker for commits up to this one was given to the client. */
    public long acknowledgedUpTo(String way) {
        return work.acknowledgedUpTo(way);
    }

    /** The newest sequence on disk, 0 when none was ever given. */
    public long lastSequence() {
        return work.lastSequence();
    }

    public SpoolStatus status() {
        return work.status();
    }

    public Path path() {
        return path;
    }

    /** Documents of a kind that earlier runs kept, as far as they can be read; for the time before {@link #start}. */
    public Map<String, byte[]> kept(String kind) {
        try (SpoolReader reader = new SpoolReader(path, () -> 0, () -> {})) {
            return reader.kept(kind);
        } catch (SpoolException e) {
            LOG.error("what was kept as {} cannot be read and is not known now: {}", kind, e.getMessage());
            return Map.of();
        }
    }

    /** What waits for the broker; for one thread, which closes it. */
    public SpoolReader reader() {
        return new SpoolReader(path, work::generation, work::suspect);
    }

    /**
     * Queues work for the next commit, waiting for room.
     *
     * @return false when there was no room within the time, or the spool is closed: the sender must not be told that
     *     its message is safe
     */
    public boolean submit(Work submitted, Duration patience) {
        return inbox.submit(submitted, patience);
    }

    /** Whether the last attempt to commit succeeded and the queue has room. */
    public boolean accepting() {
        return !refusing() && inbox.hasRoom();
    }

    /** Whether the disk takes nothing now. */
    public boolean refusing() {
        return work.status().fault() != null;
    }

    /** Alerts that are in memory alone, after one of them (0 for from the oldest on), by ids below 0. */
    public List<SpoolReader.Message> unsavedAlerts(long after, int max) {
        return unsaved.alertsAfter(after, max);
    }

    public int unsavedAlerts() {
        return unsaved.alerts();
    }

    /** Alerts and documents that were in memory alone and for which there was no room. */
    public long droppedUnsaved() {
        return unsaved.dropped();
    }

    /** The broker has these; they go with one of the next commits. What is freed twice is freed once. */
    public void free(List<Sequences.Range> blocks, List<Long> messages, List<Sequences.Range> evicted) {
        List<Long> onDisk = new ArrayList<>(messages);
        for (Long id : messages) {
            if (id < 0) {
                unsaved.delivered(id);
                onDisk.remove(id);
            }
        }
        inbox.free(blocks, onDisk, evicted);
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

    /** Commits what is queued and closes the file. */
    @Override
    public void close() {
        inbox.close();
        try {
            writer.join();
            work.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.tocsin.cloud.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.tocsin.profiles.alert.Alert;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@link LiveAlerts} holds, on disk, so that a restart shows it although the archive is behind or the database
 * away. One line of JSON a change, forced to disk in groups; a message of the broker is acknowledged after that. Now and
 * then the file is written anew with what is held by then, which bounds it. One process at a time.
 */
public final class AlertJournal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AlertJournal.class);
    /** Lines beyond what was held at the last rewriting; a line has about 1 KiB. */
    private static final int REWRITE_AFTER = 50_000;
    /**
     * Half of the broker's window. While the disk takes nothing, messages beyond it are acknowledged all the same: an
     * alarm on the screen is worth more than one that is safe and that nobody sees.
     */
    private static final int MAX_WAITING = 500;

    private static final long AGAIN_AFTER_MS = 1_000;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final Path file;
    private final LinkedBlockingQueue<Item> queue = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::run, "alert-journal");
    private volatile boolean failing;
    private volatile boolean closed;
    /** Of the journal's thread, and of {@link #start} before it starts. */
    private @Nullable LiveAlerts alerts;

    private @Nullable FileChannel channel;

    private int lines;

    record Line(Alert alert, Acknowledgement acknowledgement, Instant receivedAt) {}

    /** A line to write, or what is to run once every line before it is on disk. */
    private record Item(@Nullable String line, @Nullable Runnable safe) {}

    /** @param folder the file is {@code alerts.journal} in it */
    public AlertJournal(Path folder, MeterRegistry metrics) {
        file = folder.resolve("alerts.journal");
        thread.setDaemon(true);
        metrics.gauge("tocsin.alerts.journal.failing", this, one -> one.failing ? 1 : 0);
    }

    /**
     * Puts what an earlier process held into {@code alerts}, and begins to keep what changes.
     *
     * @throws IOException when the folder cannot be read and written
     */
    public void start(LiveAlerts alerts) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        if (Files.exists(file)) {
            read(alerts);
        }
        queue.clear();
        rewrite(alerts);
        this.alerts = alerts;
        thread.start();
    }

    /** To be called for every change, in their order. */
    public void changed(LiveAlerts.Entry entry) {
        queue.add(new Item(line(entry), null));
    }

    /** Runs {@code then} once every change so far is on disk. */
    public void whenSafe(Runnable then) {
        queue.add(new Item(null, then));
    }

    @Override
    public void close() {
        closed = true;
        queue.add(new Item(null, () -> {}));
        try {
            thread.join(TimeUnit.SECONDS.toMillis(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read(LiveAlerts alerts) throws IOException {
        int unreadable = 0;
        // Malformed bytes, as of a page torn by a power cut, cost their line and not the file.
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
            for (String text = in.readLine(); text != null; text = in.readLine()) {
                try {
                    Line line = JSON.readValue(text, Line.class);
                    alerts.restore(line.alert(), line.acknowledgement(), line.receivedAt());
                } catch (JsonProcessingException | RuntimeException e) {
                    unreadable++;
                    LOG.debug("unreadable: {}", text, e);
                }
            }
        }
        if (unreadable > 0) {
            LOG.warn("{}: {} lines cannot be read", file, unreadable);
        }
    }

    private void run() {
        Deque<Item> batch = new ArrayDeque<>();
        while (true) {
            try {
                batch.add(queue.take());
                queue.drainTo(batch);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            while (!batch.isEmpty() && !written(batch)) {
                if (closed) {
                    return;
                }
            }
            if (closed && queue.isEmpty()) {
                end();
                return;
            }
        }
    }

    /** Whether the batch is on disk; where it is not, it is to be tried again. */
    private boolean written(Deque<Item> batch) {
        try {
            append(batch);
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                LOG.error("alerts cannot be kept in {}, a restart now may forget some", file, e);
            }
            failing = true;
            end();
            pause();
            queue.drainTo(batch);
            acknowledgeTheOldest(batch);
            return false;
        }
        batch.forEach(AlertJournal::runIfSafe);
        batch.clear();
        return true;
    }

    private void append(Deque<Item> batch) throws IOException {
        if (channel == null || lines > REWRITE_AFTER) {
            // Everything of the batch is held by now.
            rewrite(Objects.requireNonNull(alerts));
            return;
        }
        StringBuilder text = new StringBuilder();
        for (Item item : batch) {
            if (item.line != null) {
                text.append(item.line);
                lines++;
            }
        }
        if (text.length() > 0) {
            write(channel, text);
            channel.force(false);
        }
    }

    private void rewrite(LiveAlerts alerts) throws IOException {
        end();
        Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
        try (FileChannel out = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            for (LiveAlerts.Entry entry : alerts.held()) {
                write(out, line(entry));
            }
            out.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent())) {
            folder.force(true);
        }
        channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        lines = 0;
    }

    private static void write(FileChannel to, CharSequence text) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(CharBuffer.wrap(text));
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
    }

    private static String line(LiveAlerts.Entry entry) {
        try {
            return JSON.writeValueAsString(new Line(
                            entry.alert(), entry.acknowledgement(), entry.view().receivedAt()))
                    + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("alert " + entry.alert().id() + " cannot be written", e);
        }
    }

    private static void acknowledgeTheOldest(Deque<Item> batch) {
        // What comes next is a rewriting with all that is held: the lines themselves are no longer needed.
        batch.removeIf(item -> item.line != null);
        while (batch.size() > MAX_WAITING) {
            runIfSafe(batch.remove());
        }
    }

    private static void runIfSafe(Item item) {
        if (item.safe != null) {
            item.safe.run();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(AGAIN_AFTER_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void end() {
        FileChannel old = channel;
        channel = null;
        if (old != null) {
            try {
                old.close();
            } catch (IOException e) {
                LOG.debug("closing", e);
            }
        }
    }
}

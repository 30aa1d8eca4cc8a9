package dev.tocsin.agent.output;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.desired.DesiredJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was raised, cleared, switched and silenced here, a JSON object a line: {@code at}, {@code event} (raised, cleared,
 * on, off, failed, silenced, test), and where there is one {@code output}, {@code text} and of the alert {@code alert} (its
 * id), {@code rule}, {@code device}, {@code kind}, {@code severity}, {@code onset}, {@code place} and {@code drill}. It
 * serves people; nothing waits for it, and a disk that refuses it stops nothing. Safe for any thread.
 */
public final class AlertLog implements AutoCloseable {
    /** The file's name in the data folder; full ones are {@code .1} (newest) to {@code .3}. */
    public static final String NAME = "alerts.log";

    static final long MAX_BYTES = 1024 * 1024;
    static final int KEPT_ASIDE = 3;

    private static final Logger LOG = LoggerFactory.getLogger(AlertLog.class);
    private static final int MAX_WAITING = 1_000;

    private final Path file;
    private final long maxBytes;
    private final Clock clock;
    private final AtomicLong lost = new AtomicLong();
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            runnable -> new Thread(runnable, "alert-log"),
            (runnable, executor) -> lost.incrementAndGet());

    AlertLog(Path folder, long maxBytes, Clock clock) {
        this.file = folder.resolve(NAME);
        this.maxBytes = maxBytes;
        this.clock = clock;
    }

    /** Lines that the disk refused, or that came faster than it takes them. */
    long lost() {
        return lost.get();
    }

    void add(String event, @Nullable String output, @Nullable Alert alert, @Nullable String text) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("at", clock.instant().toString());
        line.put("event", event);
        put(line, "output", output);
        if (alert != null) {
            line.put("alert", alert.id());
            line.put("rule", alert.rule());
            line.put("device", alert.device());
            line.put("kind", alert.kind().name());
            line.put("severity", alert.severity().name());
            line.put("onset", alert.onset().toString());
            line.put("place", alert.place().name());
            line.put("drill", alert.drill());
        }
        put(line, "text", text);
        byte[] json = DesiredJson.write(line);
        thread.execute(() -> append(json));
    }

    private static void put(Map<String, Object> line, String key, @Nullable String value) {
        if (value != null) {
            line.put(key, value);
        }
    }

    private void append(byte[] json) {
        byte[] line = new byte[json.length + 1];
        System.arraycopy(json, 0, line, 0, json.length);
        line[json.length] = '\n';
        try {
            if (Files.exists(file) && Files.size(file) + line.length > maxBytes) {
                rotate();
            }
            Files.write(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            if (lost.getAndIncrement() == 0) {
                LOG.warn("the log {} cannot be written: {}", file, e.getMessage());
            }
        }
    }

    private void rotate() throws IOException {
        for (int i = KEPT_ASIDE; i >= 1; i--) {
            Path from = i == 1 ? file : aside(i - 1);
            if (Files.exists(from)) {
                Files.move(from, aside(i), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private Path aside(int number) {
        return file.resolveSibling(NAME + "." + number);
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            thread.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

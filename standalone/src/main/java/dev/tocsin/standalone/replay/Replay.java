package dev.tocsin.standalone.replay;

import dev.tocsin.profiles.codec.Incoming;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.field.SenMl;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Plays a CSV file as one device: each row a SenML pack on {@code sensors/{device}}, at the recording's own pace times
 * {@code speed}, with the recording's own times. Rows of equal or falling time follow without a pause. For one thread.
 */
public final class Replay {
    /** A hole in the recording is not waited out for longer than this. */
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final Profile profile;
    private final String device;
    private final double speed;
    private final @Nullable Instant start;

    /**
     * @param speed 1 is the recording's own pace; 0 as fast as the broker acknowledges
     * @param start where the first row stands on the calendar; absent: the file's own times
     */
    public Replay(Profile profile, String device, double speed, @Nullable Instant start) {
        if (!(speed >= 0 && speed < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("a speed is a number of at least 0, is " + speed);
        }
        if (!Topics.ID.matcher(device).matches()) {
            throw new IllegalArgumentException(
                    "'" + device + "' is no device id: 1 to 64 letters, digits and any of . _ : -");
        }
        this.profile = profile;
        this.device = device;
        this.speed = speed;
        this.start = start;
    }

    /** Which part of a file to play, and how to read it. */
    public record Selection(
            Path file,
            Map<String, String> mapping,
            Set<String> skipped,
            @Nullable String timeColumn,
            long firstRow,
            long lastRow) {

        private String rowsInWords() {
            return lastRow == Long.MAX_VALUE ? "" : " from " + firstRow + " to " + lastRow;
        }
    }

    /** What was played; {@code notDelivered} counts messages that the broker took and nobody subscribed to. */
    public record Played(
            long rows, long values, long notDelivered, Map<String, String> columns, Iterable<String> unused) {}

    /**
     * Plays until the last row is acknowledged.
     *
     * @param progress told the number of rows played so far
     * @throws IOException when the file cannot be read, or not one of the selected rows has a value
     */
    public Played play(Selection selection, FieldPublisher publisher, LongConsumer progress)
            throws IOException, InterruptedException {
        Map<String, String> properties = Map.of(Incoming.PROFILE, profile.id(), Incoming.REPLAY, "1");
        String topic = "sensors/" + device;
        long rows = 0;
        long values = 0;
        long present = 0;
        AtomicLong unheard = new AtomicLong();
        AtomicLong pending = new AtomicLong();
        try (CsvRecording recording = CsvRecording.open(
                selection.file(), profile, selection.mapping(), selection.skipped(), selection.timeColumn())) {
            CsvRecording.Timeline timeline = new CsvRecording.Timeline(start);
            long lastAtMs = Long.MIN_VALUE;
            for (CsvRecording.Row row : recording) {
                if (row.number() > selection.lastRow()) {
                    break;
                }
                if (row.number() < selection.firstRow()) {
                    continue;
                }
                present++;
                if (row.values().isEmpty()) {
                    continue;
                }
                long atMs = timeline.atMs(row);
                pause(lastAtMs, atMs);
                lastAtMs = atMs;
                pending.incrementAndGet();
                publisher
                        .publish(topic, SenMl.pack(profile, atMs, row.values()), properties)
                        .whenComplete((code, failure) -> {
                            if (failure != null || code != 0) {
                                unheard.incrementAndGet();
                            }
                            pending.decrementAndGet();
                        });
                rows++;
                values += row.values().size();
                progress.accept(rows);
            }
            if (rows == 0) {
                throw new IOException("no row" + selection.rowsInWords() + " of " + selection.file()
                        + " has a number in any of the columns "
                        + recording.metricOfColumn().keySet()
                        + "; rows looked at: " + present);
            }
            while (pending.get() > 0) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            return new Played(rows, values, unheard.get(), recording.metricOfColumn(), recording.unusedColumns());
        }
    }

    private void pause(long lastAtMs, long atMs) throws InterruptedException {
        if (speed == 0 || lastAtMs == Long.MIN_VALUE || atMs <= lastAtMs) {
            return;
        }
        double pauseMs = Math.min(atMs - lastAtMs, LONGEST_PAUSE.toMillis()) / speed;
        TimeUnit.MICROSECONDS.sleep(Math.round(pauseMs * 1000));
    }
}

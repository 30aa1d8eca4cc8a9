package dev.tocsin.stream.backtest;

import dev.tocsin.stream.backtest.UplinkWindows.Window;
import dev.tocsin.stream.recorded.Timekeeping;
import dev.tocsin.stream.source.UplinkMessage;
import dev.tocsin.stream.store.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.core.io.InputStatus;
import org.jspecify.annotations.Nullable;

/**
 * Puts out what is known from the beginning, then one window of the archive after the other, each after the watermark
 * that ends the one before. Waits for the database in the task's own thread: there is nothing else to do. Owned by that
 * thread.
 */
final class ArchiveReader implements SourceReader<UplinkMessage, Span> {
    /** What runs out with the last pulse is still looked at. */
    private static final long AFTER_MS = Duration.ofSeconds(10).toMillis();

    private final Database database;
    private final List<Retained> known;
    private final CompletableFuture<Void> given = new CompletableFuture<>();

    private @Nullable Span span;
    private boolean noMoreSpans;
    private @Nullable ArchivedReadings archive;
    private @Nullable UplinkWindows windows;
    private long newestMs = Timekeeping.BEGINNING_MS;

    ArchiveReader(Database database, List<Retained> known) {
        this.database = database;
        this.known = known;
    }

    @Override
    public void start() {
        // The span is given by the enumerator.
    }

    @Override
    public InputStatus pollNext(ReaderOutput<UplinkMessage> output) throws Exception {
        if (span == null) {
            return noMoreSpans ? InputStatus.END_OF_INPUT : InputStatus.NOTHING_AVAILABLE;
        }
        if (windows == null) {
            begin(span, output);
        }
        Window window = windows == null ? null : windows.next();
        if (window == null) {
            output.emitWatermark(new Watermark(newestMs + AFTER_MS));
            return InputStatus.END_OF_INPUT;
        }
        if (window.beganMs() > newestMs) {
            output.emitWatermark(new Watermark(window.beganMs() - 1));
        }
        newestMs = window.endedMs();
        for (UplinkMessage message : window.messages()) {
            output.collect(message, newestMs);
        }
        return InputStatus.MORE_AVAILABLE;
    }

    private void begin(Span of, ReaderOutput<UplinkMessage> output) throws SQLException {
        for (Retained state : known) {
            output.collect(state.message(), Timekeeping.BEGINNING_MS);
        }
        output.emitWatermark(new Watermark(Timekeeping.BEGINNING_MS));
        archive = ArchivedReadings.open(database, of);
        windows = new UplinkWindows(archive);
    }

    @Override
    public List<Span> snapshotState(long checkpointId) {
        throw new IllegalStateException("a backtest has no checkpoints: it begins anew");
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return given;
    }

    @Override
    public void addSplits(List<Span> splits) {
        span = splits.get(0);
        given.complete(null);
    }

    @Override
    public void notifyNoMoreSplits() {
        noMoreSpans = true;
        given.complete(null);
    }

    @Override
    public void close() throws SQLException {
        if (archive != null) {
            archive.close();
        }
    }
}

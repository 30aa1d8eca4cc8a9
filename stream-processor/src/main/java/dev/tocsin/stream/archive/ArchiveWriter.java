package dev.tocsin.stream.archive;

import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.SinkWriter;

/**
 * Gathers elements and has them written by number of rows, by age, and before each checkpoint. A store that is away
 * blocks here, in the task's own thread: no checkpoint completes, so the broker keeps what is not written.
 */
final class ArchiveWriter<T> implements SinkWriter<T> {
    private final Destination<T> destination;
    private final ArchiveSettings settings;
    private final ProcessingTimeService time;

    private int rows;
    private long oldestAtMs;
    private boolean timerSet;

    ArchiveWriter(Destination<T> destination, ArchiveSettings settings, ProcessingTimeService time) {
        this.destination = destination;
        this.settings = settings;
        this.time = time;
    }

    @Override
    public void write(T element, Context context) throws InterruptedException {
        if (rows == 0) {
            oldestAtMs = time.getCurrentProcessingTime();
            setTimer();
        }
        destination.add(element);
        rows += destination.rows(element);
        if (rows >= settings.rows()) {
            flush(false);
        }
    }

    @Override
    public void flush(boolean endOfInput) throws InterruptedException {
        rows = 0;
        destination.write();
    }

    /** One timer is pending at most; it looks again when what it was set for was written meanwhile. */
    private void setTimer() {
        if (!timerSet) {
            timerSet = true;
            time.registerTimer(oldestAtMs + settings.intervalMs(), this::onTimer);
        }
    }

    private void onTimer(long nowMs) throws InterruptedException {
        timerSet = false;
        if (rows == 0) {
            return;
        }
        if (nowMs >= oldestAtMs + settings.intervalMs()) {
            flush(false);
        } else {
            setTimer();
        }
    }

    @Override
    public void close() {
        destination.close();
    }
}

package dev.tocsin.stream.archive;

import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.SinkWriter;

/**
 * Gathers elements and has them written by number of rows, by age, and before each checkpoint. A store that is away
 * blocks here, in the task's own thread: no checkpoint completes, so the broker keeps what is not written.
 */
final class ArchiveWriter<T> implements SinkWriter<T> {
    private final Destination<T> destination;
    private final int rowsAtOnce;
    private final long intervalMs;
    private final ProcessingTimeService time;

    private int rows;
    private long oldestAtMs;
    private boolean timerSet;

    /**
     * @param rowsAtOnce written when there are so many
     * @param intervalMs written when the oldest has waited for so long
     */
    ArchiveWriter(Destination<T> destination, int rowsAtOnce, long intervalMs, ProcessingTimeService time) {
        this.destination = destination;
        this.rowsAtOnce = rowsAtOnce;
        this.intervalMs = intervalMs;
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
        if (rows >= rowsAtOnce) {
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
            time.registerTimer(oldestAtMs + intervalMs, this::onTimer);
        }
    }

    private void onTimer(long nowMs) throws InterruptedException {
        timerSet = false;
        if (rows == 0) {
            return;
        }
        if (nowMs >= oldestAtMs + intervalMs) {
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

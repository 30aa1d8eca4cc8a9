package dev.tocsin.stream.source.kafka;

import dev.tocsin.stream.source.UplinkMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.util.ExceptionUtils;
import org.apache.flink.util.function.SupplierWithException;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flink's reader, replaced by another that goes on where it was whenever Kafka makes it fail: a name that cannot be
 * resolved, a login that is refused, an answer that never comes. Kafka's client itself waits for a broker that is away,
 * and asks again, in some of its calls only. All methods are called by Flink's one thread.
 */
final class PatientReader implements SourceReader<UplinkMessage, KafkaPartitionSplit> {
    private static final Logger LOG = LoggerFactory.getLogger(PatientReader.class);
    private static final long FIRST_PAUSE_MS = 500;
    private static final long LONGEST_PAUSE_MS = 10_000;
    /** While Kafka stays away, one line in this many failures is logged. */
    private static final int FAILURES_A_LINE = 12;
    /** Of no checkpoint, so that what is asked for under it is committed by none. */
    private static final long NO_CHECKPOINT = 0;

    private final KafkaAccess access;
    private final SupplierWithException<SourceReader<UplinkMessage, KafkaPartitionSplit>, Exception> readers;
    private final Counter failed;
    /** Absent while it is waited for the next attempt. */
    private @Nullable SourceReader<UplinkMessage, KafkaPartitionSplit> reader;
    /** What is to be read, and from where, while nobody reads it. */
    private List<KafkaPartitionSplit> unread = List.of();

    private CompletableFuture<Void> nextAttempt = CompletableFuture.completedFuture(null);
    /** Since something was read. */
    private int failures;

    PatientReader(
            KafkaAccess access,
            SupplierWithException<SourceReader<UplinkMessage, KafkaPartitionSplit>, Exception> readers,
            MetricGroup metrics) {
        this.access = access;
        this.readers = readers;
        this.failed = metrics.counter("kafkaReadersFailed");
    }

    @Override
    public void start() {
        // The first poll opens the first reader.
    }

    @Override
    public InputStatus pollNext(ReaderOutput<UplinkMessage> output) throws Exception {
        SourceReader<UplinkMessage, KafkaPartitionSplit> current = reader;
        if (current == null) {
            return nextAttempt.isDone() ? attempt() : InputStatus.NOTHING_AVAILABLE;
        }
        try {
            InputStatus status = current.pollNext(output);
            if (status == InputStatus.MORE_AVAILABLE && failures > 0) {
                LOG.info("Kafka at {} is read again after {} failures", access, failures);
                failures = 0;
            }
            return status;
        } catch (RuntimeException e) {
            lose(current, e);
            return InputStatus.NOTHING_AVAILABLE;
        }
    }

    /** The next poll sees what became of it. */
    private InputStatus attempt() throws Exception {
        SourceReader<UplinkMessage, KafkaPartitionSplit> fresh = readers.get();
        fresh.start();
        reader = fresh;
        List<KafkaPartitionSplit> splits = unread;
        unread = List.of();
        if (!splits.isEmpty()) {
            addSplits(splits);
        }
        return InputStatus.MORE_AVAILABLE;
    }

    @Override
    public void addSplits(List<KafkaPartitionSplit> splits) {
        SourceReader<UplinkMessage, KafkaPartitionSplit> current = reader;
        if (current == null) {
            List<KafkaPartitionSplit> more = new ArrayList<>(unread);
            more.addAll(splits);
            unread = more;
            return;
        }
        try {
            current.addSplits(splits);
        } catch (RuntimeException e) {
            lose(current, e);
        }
    }

    /** @throws RuntimeException the same, where Kafka is not to blame */
    private void lose(SourceReader<UplinkMessage, KafkaPartitionSplit> broken, RuntimeException e) {
        KafkaException cause =
                ExceptionUtils.findThrowable(e, KafkaException.class).orElseThrow(() -> e);
        failed.inc();
        if (failures++ % FAILURES_A_LINE == 0) {
            LOG.warn(
                    "Kafka at {} cannot be read ({}), failure {}; trying again until it can",
                    access,
                    cause.toString(),
                    failures);
        }
        unread = broken.snapshotState(NO_CHECKPOINT);
        reader = null;
        try {
            broken.close();
        } catch (Exception closing) {
            LOG.debug("Closing a broken reader of {} failed", access, closing);
        }
        long pauseMs = Math.min(FIRST_PAUSE_MS << Math.min(failures, 10), LONGEST_PAUSE_MS);
        nextAttempt = new CompletableFuture<Void>().completeOnTimeout(null, pauseMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public List<KafkaPartitionSplit> snapshotState(long checkpointId) {
        return reader == null ? unread : reader.snapshotState(checkpointId);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        SourceReader<UplinkMessage, KafkaPartitionSplit> current = reader;
        if (current == null) {
            return;
        }
        try {
            current.notifyCheckpointComplete(checkpointId);
        } catch (RuntimeException e) {
            lose(current, e);
        }
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return reader == null ? nextAttempt : reader.isAvailable();
    }

    @Override
    public void notifyNoMoreSplits() {
        // The enumerator never says so: partitions may be added for ever.
    }

    @Override
    public void close() throws Exception {
        if (reader != null) {
            reader.close();
        }
    }
}

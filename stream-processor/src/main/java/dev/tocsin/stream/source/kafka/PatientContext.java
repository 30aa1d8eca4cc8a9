package dev.tocsin.stream.source.kafka;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;
import org.apache.flink.util.ExceptionUtils;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets an enumerator hear of Kafka's answers only: that none came would make it fail the job, where the question is
 * asked again at the next discovery anyway. Called by the coordinator's thread.
 */
final class PatientContext implements SplitEnumeratorContext<KafkaPartitionSplit> {
    private static final Logger LOG = LoggerFactory.getLogger(PatientContext.class);
    /** While Kafka stays away, one line in this many unanswered questions is logged. */
    private static final int QUESTIONS_A_LINE = 12;

    private final KafkaAccess access;
    private final SplitEnumeratorContext<KafkaPartitionSplit> context;
    /** Written by the coordinator's thread, read by that of the metrics. */
    private volatile boolean up;
    /** Questions on their way at the end are no fault of anybody. Written by whatever thread ends it. */
    private volatile boolean closed;
    /** Since the last answer. */
    private int unanswered;

    PatientContext(KafkaAccess access, SplitEnumeratorContext<KafkaPartitionSplit> context) {
        this.access = access;
        this.context = context;
        context.metricGroup().gauge("kafkaUp", () -> up ? 1 : 0);
    }

    @Override
    public <T> void callAsync(Callable<T> question, BiConsumer<T, Throwable> handler) {
        context.callAsync(question, (answer, fault) -> settle(answer, fault, handler));
    }

    @Override
    public <T> void callAsync(
            Callable<T> question, BiConsumer<T, Throwable> handler, long initialDelayMs, long periodMs) {
        context.callAsync(question, (answer, fault) -> settle(answer, fault, handler), initialDelayMs, periodMs);
    }

    void close() {
        closed = true;
    }

    private <T> void settle(T answer, @Nullable Throwable fault, BiConsumer<T, Throwable> handler) {
        if (closed) {
            return;
        }
        Optional<KafkaException> kafkas =
                fault == null ? Optional.empty() : ExceptionUtils.findThrowable(fault, KafkaException.class);
        if (kafkas.isPresent()) {
            unanswered(kafkas.get());
            return;
        }
        if (fault == null) {
            if (unanswered > 0) {
                LOG.info("Kafka at {} answers again", access);
            }
            up = true;
            unanswered = 0;
        }
        handler.accept(answer, fault);
    }

    void unanswered(KafkaException fault) {
        up = false;
        if (unanswered++ % QUESTIONS_A_LINE == 0) {
            LOG.warn("Kafka at {} does not tell its topics ({}); asking again until it does", access, fault.toString());
        }
    }

    /** Before there are questions to ask, whose thread it holds up meanwhile; the end of the job interrupts that. */
    void later(long pauseMs, Runnable work) {
        context.callAsync(
                () -> {
                    TimeUnit.MILLISECONDS.sleep(pauseMs);
                    return pauseMs;
                },
                (pausedMs, interrupted) -> {
                    if (interrupted == null) {
                        work.run();
                    }
                });
    }

    @Override
    public SplitEnumeratorMetricGroup metricGroup() {
        return context.metricGroup();
    }

    @Override
    public void sendEventToSourceReader(int subtask, SourceEvent event) {
        context.sendEventToSourceReader(subtask, event);
    }

    @Override
    public int currentParallelism() {
        return context.currentParallelism();
    }

    @Override
    public Map<Integer, ReaderInfo> registeredReaders() {
        return context.registeredReaders();
    }

    @Override
    public void assignSplits(SplitsAssignment<KafkaPartitionSplit> assignment) {
        context.assignSplits(assignment);
    }

    @Override
    public void signalNoMoreSplits(int subtask) {
        context.signalNoMoreSplits(subtask);
    }

    @Override
    public void runInCoordinatorThread(Runnable work) {
        context.runInCoordinatorThread(work);
    }
}

package dev.tocsin.stream.bench;

import dev.tocsin.stream.publish.Publication;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/** Tells the measuring thread of this JVM when an alert was to be published; the alert itself goes nowhere. */
final class AlarmSink implements Sink<Publication> {
    private static final long serialVersionUID = 1L;

    /** By the sink's thread: how things stood at each alert. */
    static final BlockingQueue<Reached> REACHED = new LinkedBlockingQueue<>();

    /**
     * @param atNs wall clock, of no known origin
     * @param cpuNs of all threads of this process so far
     */
    record Reached(long atNs, long cpuNs) {
        static Reached now() {
            return new Reached(System.nanoTime(), ProcessTime.cpuNs());
        }
    }

    @Override
    public SinkWriter<Publication> createWriter(WriterInitContext context) {
        return new SinkWriter<>() {
            @Override
            public void write(Publication publication, Context unused) {
                if (publication.care() == Publication.Care.SURE) {
                    REACHED.add(Reached.now());
                }
            }

            @Override
            public void flush(boolean endOfInput) {
                // Nothing waits.
            }

            @Override
            public void close() {
                // Holds nothing.
            }
        };
    }
}

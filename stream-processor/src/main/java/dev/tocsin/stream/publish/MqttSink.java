package dev.tocsin.stream.publish;

import dev.tocsin.stream.broker.BrokerAccess;
import dev.tocsin.stream.measure.Quantiles;
import java.time.Clock;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.metrics.Histogram;

/**
 * Publishes in order, without waiting for a checkpoint; a checkpoint waits until the broker has all that it is to have. To be
 * run with a parallelism of 1, or there is no order. A broker that is away is waited for and never fails the job.
 *
 * @param clientId of the publishing client, whose session does not persist
 */
public record MqttSink(BrokerAccess broker, String clientId) implements Sink<Publication> {
    @Override
    public SinkWriter<Publication> createWriter(WriterInitContext context) {
        Histogram took = Quantiles.register(context.metricGroup(), "publicationMs");
        Publisher publisher = new Publisher(broker, clientId, Clock.systemUTC(), took::update);
        context.metricGroup().gauge("publicationsWaiting", publisher::waiting);
        context.metricGroup().gauge("publicationsRepeated", publisher::repeated);
        context.metricGroup().gauge("publicationsDiverted", publisher::diverted);
        context.metricGroup().gauge("rejectedUnheard", publisher::unheard);
        publisher.start();
        return new Writer(publisher);
    }

    /** Flink's side of the publisher. */
    private record Writer(Publisher publisher) implements SinkWriter<Publication> {
        @Override
        public void write(Publication publication, Context context) throws InterruptedException {
            publisher.publish(publication);
        }

        @Override
        public void flush(boolean endOfInput) throws InterruptedException {
            publisher.flush();
        }

        @Override
        public void close() {
            publisher.close();
        }
    }
}

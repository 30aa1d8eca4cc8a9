package dev.tocsin.stream.archive;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.reading.Rejected;
import dev.tocsin.stream.store.Database;
import java.io.Serializable;
import java.time.Clock;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * The sinks of the archive. Each is idempotent by the identity of what it stores, so at least once is enough: nothing
 * is prepared and committed later, and there is no state to restore.
 *
 * @param <T> what is stored
 */
public final class ArchiveSink<T> implements Sink<T> {
    private static final long serialVersionUID = 1L;

    private final int rowsAtOnce;
    private final long intervalMs;
    private final String kind;
    private final Opening<T> opening;

    private interface Opening<T> extends Serializable {
        Destination<T> open(ArchiveMetrics metrics);
    }

    private ArchiveSink(int rowsAtOnce, long intervalMs, String kind, Opening<T> opening) {
        this.rowsAtOnce = rowsAtOnce;
        this.intervalMs = intervalMs;
        this.kind = kind;
        this.opening = opening;
    }

    /** To be fed by gateway: two writers of one gateway would wait for each other's ledger row. */
    public static ArchiveSink<SpooledReadings> readings(Database database, ArchiveSettings settings) {
        return new ArchiveSink<>(
                settings.rows(),
                settings.intervalMs(),
                "readings",
                metrics -> new ReadingArchive(database, settings, metrics, Clock.systemUTC()));
    }

    public static ArchiveSink<Alert> alerts(Database database, ArchiveSettings settings) {
        return ofOthers(settings, "alerts", metrics -> new AlertArchive(database, metrics, Clock.systemUTC()));
    }

    public static ArchiveSink<Rejected> rejected(Database database, ArchiveSettings settings) {
        return ofOthers(
                settings,
                "rejected",
                metrics -> new RejectedArchive(database, settings.rejectedRetention(), metrics, Clock.systemUTC()));
    }

    /** To be fed by one writer in the order of the topic: the last word counts. */
    public static ArchiveSink<SiteProfile> profiles(Database database, ArchiveSettings settings) {
        return ofOthers(settings, "profiles", metrics -> new ProfileArchive(database, metrics));
    }

    private static <T> ArchiveSink<T> ofOthers(ArchiveSettings settings, String kind, Opening<T> opening) {
        return new ArchiveSink<>(settings.otherRows(), settings.intervalMs(), kind, opening);
    }

    @Override
    public SinkWriter<T> createWriter(WriterInitContext context) {
        ArchiveMetrics metrics = new ArchiveMetrics(context.metricGroup(), kind);
        return new ArchiveWriter<>(opening.open(metrics), rowsAtOnce, intervalMs, context.getProcessingTimeService());
    }
}

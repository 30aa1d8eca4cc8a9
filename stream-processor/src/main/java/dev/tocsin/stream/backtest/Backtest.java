package dev.tocsin.stream.backtest;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.stream.backtest.ArchivedAlerts.Did;
import dev.tocsin.stream.publish.Publication;
import dev.tocsin.stream.run.BoundedRun;
import dev.tocsin.stream.source.UplinkMessage;
import dev.tocsin.stream.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * One look back: the readings from {@code warmUp} before {@code from} go through the alarm job's own workflow, and the
 * alerts that begin within the span are compared with those that are archived. Readings after {@code to} are told for
 * as long as a verdict on what began before can wait.
 *
 * @param from event time, inclusive
 * @param to event time, exclusive
 * @param warmUp in which baselines, trends and delays come to where they were
 * @param tolerance by which the onsets of one alert may differ
 */
public record Backtest(
        Database database, SiteState site, Instant from, Instant to, Duration warmUp, Duration tolerance) {
    /** Held in memory on each side, about 300 bytes each; whoever gets more wants other rules, or a shorter span. */
    static final int MAX_ALERTS = 200_000;

    /** Beyond the longest on-delay: a reading may be that late, and the pulse is to come. */
    private static final Duration TAIL = Duration.ofMinutes(1);

    /**
     * @param rejected publications of readings that no rule could digest
     */
    public record Result(Comparison comparison, int rejected) {}

    /**
     * @param workflow the alarm job's, in recorded time
     * @throws RefusedException when the archive has no reading in the span
     */
    public Result run(
            BiFunction<StreamExecutionEnvironment, Source<UplinkMessage, ?, ?>, DataStream<Publication>> workflow)
            throws Exception {
        if (!ArchivedAlerts.hasReadings(database, from, to)) {
            throw new RefusedException("no readings are archived from " + from + " to " + to);
        }
        Span told = new Span(
                from.minus(warmUp).toEpochMilli(),
                to.plus(site.longestOnDelay()).plus(TAIL).toEpochMilli());
        Would would = new Would();
        ArchiveSource source = new ArchiveSource(database, site.messages(), told);
        BoundedRun.run(
                "backtest",
                env -> workflow.apply(env, source)
                        .filter(publication -> publication.care() != Publication.Care.NONE)
                        .name("no pulses"),
                would::take);
        List<Did> did = ArchivedAlerts.read(database, told, from.minus(tolerance), to.plus(tolerance));
        List<Matched> alerts = List.copyOf(would.alerts.values());
        return new Result(Comparison.of(alerts, did, site, from, to, tolerance), would.rejected);
    }

    static void requireBounded(int alerts) {
        if (alerts >= MAX_ALERTS) {
            throw new IllegalStateException("more than " + MAX_ALERTS + " alerts; choose a shorter span");
        }
    }

    /** What was published of each alert last; one subtask publishes, so the last is the newest revision. */
    private static final class Would {
        private final Map<String, Matched> alerts = new HashMap<>();
        private int rejected;

        void take(Publication publication) {
            if (publication.care() != Publication.Care.SURE) {
                rejected++;
                return;
            }
            Alert alert = AlertJson.read(publication.payload());
            requireBounded(alerts.size());
            alerts.put(alert.id(), Matched.of(alert));
        }
    }
}

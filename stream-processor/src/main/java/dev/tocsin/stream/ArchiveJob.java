package dev.tocsin.stream;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.config.Settings;
import dev.tocsin.profiles.reading.Rejected;
import dev.tocsin.stream.archive.ArchiveSettings;
import dev.tocsin.stream.archive.ArchiveSink;
import dev.tocsin.stream.archive.SiteProfile;
import dev.tocsin.stream.archive.SpooledReadings;
import dev.tocsin.stream.archive.Unpack;
import dev.tocsin.stream.run.JobConfig;
import dev.tocsin.stream.run.JobRun;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.MqttSource;
import dev.tocsin.stream.source.Uplink;
import dev.tocsin.stream.source.UplinkMessage;
import dev.tocsin.stream.source.kafka.KafkaUplink;
import dev.tocsin.stream.store.Database;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The job that promises completeness: readings, alerts from the alert topic, rejected input and what the store
 * must know of the site's profiles become rows. The store away means that messages wait in the broker.
 */
public final class ArchiveJob {
    public static final String NAME = "archive";
    /** What it reads; provisioning creates these sessions before the first agent publishes. */
    public static final List<Feed> FEEDS = List.of(Feed.STATE, Feed.LIVE, Feed.ALERTS, Feed.REJECTED, Feed.BACKLOG);

    private static final int REST_PORT = 8082;
    private static final int METRICS_PORT = 9250;

    private ArchiveJob() {}

    /** Where the job's rows go. */
    public record Sinks(
            Sink<SpooledReadings> readings, Sink<Alert> alerts, Sink<Rejected> rejected, Sink<SiteProfile> profiles) {
        public static Sinks into(Database database, ArchiveSettings settings) {
            return new Sinks(
                    ArchiveSink.readings(database, settings),
                    ArchiveSink.alerts(database, settings),
                    ArchiveSink.rejected(database, settings),
                    ArchiveSink.profiles(database, settings));
        }
    }

    public static void main(String[] args) throws Exception {
        JobRun.main(args, ArchiveJob::describe);
    }

    /** Connects to nothing yet. */
    static JobRun describe(Settings settings) {
        JobConfig config = JobConfig.read(settings, REST_PORT, METRICS_PORT);
        Sinks sinks = Sinks.into(Database.read(settings), ArchiveSettings.read(settings));
        KafkaUplink kafka = KafkaUplink.read(settings, NAME, FEEDS);
        settings.finish();
        MqttSource source = new MqttSource(config.broker(), NAME, FEEDS, config.shards(), config.window());
        Uplink uplink = new Uplink(source, kafka);
        return new JobRun(NAME, config, source, env -> defineWorkflow(env, uplink, sinks));
    }

    /** The whole job; tests give it other ends. */
    public static void defineWorkflow(StreamExecutionEnvironment env, Uplink uplink, Sinks sinks) {
        // By gateway, so that both lanes of one gateway meet in one writer; what has no gateway meets in one as well.
        SingleOutputStreamOperator<SpooledReadings> readings = uplink.in(env)
                .all()
                .keyBy(UplinkMessage::gateway)
                .process(new Unpack())
                .uid("unpack")
                .name("unpack");

        readings.sinkTo(sinks.readings()).uid("store-readings").name("store readings");
        readings.getSideOutput(Unpack.ALERTS)
                .sinkTo(sinks.alerts())
                .uid("store-alerts")
                .name("store alerts");
        readings.getSideOutput(Unpack.REJECTED)
                .sinkTo(sinks.rejected())
                .uid("store-rejected")
                .name("store rejected");
        readings.getSideOutput(Unpack.PROFILES)
                .sinkTo(sinks.profiles())
                .uid("store-profiles")
                .name("store profiles");
    }
}

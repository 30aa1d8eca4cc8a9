package dev.tocsin.stream;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.config.Settings;
import dev.tocsin.profiles.desired.Pulse;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.stream.correlate.Correlate;
import dev.tocsin.stream.detect.Detect;
import dev.tocsin.stream.detect.DetectBacklog;
import dev.tocsin.stream.detect.Notice;
import dev.tocsin.stream.detect.Site;
import dev.tocsin.stream.ingest.Ingest;
import dev.tocsin.stream.ingest.PlacedReadings;
import dev.tocsin.stream.life.AgentAlerts;
import dev.tocsin.stream.life.AlertLife;
import dev.tocsin.stream.life.Claim;
import dev.tocsin.stream.life.News;
import dev.tocsin.stream.life.PublishedAlerts;
import dev.tocsin.stream.life.SiteCorrelations;
import dev.tocsin.stream.presence.Presence;
import dev.tocsin.stream.presence.Signal;
import dev.tocsin.stream.publish.MqttSink;
import dev.tocsin.stream.publish.Publication;
import dev.tocsin.stream.recorded.Timekeeping;
import dev.tocsin.stream.run.JobConfig;
import dev.tocsin.stream.run.JobRun;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.MqttSource;
import dev.tocsin.stream.source.Uplink;
import dev.tocsin.stream.source.UplinkMessage;
import dev.tocsin.stream.source.kafka.KafkaUplink;
import java.time.Clock;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.datastream.BroadcastStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The job that promises latency: readings, the agents' alerts and presence become alerts on the alert topic. It knows
 * no database.
 */
public final class AlarmJob {
    public static final String NAME = "alarm";
    /** What it reads; provisioning creates these sessions before the first agent publishes. */
    public static final List<Feed> FEEDS =
            List.of(Feed.STATE, Feed.ALERT, Feed.STATUS, Feed.ALERTS, Feed.LIVE, Feed.BACKLOG);

    private static final int REST_PORT = 8081;
    private static final int METRICS_PORT = 9249;

    private AlarmJob() {}

    public static void main(String[] args) throws Exception {
        JobRun.main(args, AlarmJob::describe);
    }

    /** Connects to nothing yet. */
    static JobRun describe(Settings settings) {
        JobConfig config = JobConfig.read(settings, REST_PORT, METRICS_PORT);
        KafkaUplink kafka = KafkaUplink.read(settings, NAME, FEEDS);
        settings.finish();
        MqttSource source = new MqttSource(config.broker(), NAME, FEEDS, config.shards(), config.window());
        MqttSink sink = new MqttSink(config.broker(), "tocsin-" + NAME + "-publisher");
        Uplink uplink = new Uplink(source, kafka);
        return new JobRun(NAME, config, source, env -> defineWorkflow(env, uplink, config.shards(), sink));
    }

    /** The whole job; tests give it other ends. */
    public static void defineWorkflow(
            StreamExecutionEnvironment env, Uplink uplink, int shards, Sink<Publication> sink) {
        publications(env, uplink, shards, Timekeeping.WALL)
                .sinkTo(sink)
                .uid("publish")
                .name("publish")
                .setParallelism(1);
    }

    /**
     * Everything up to what is published.
     *
     * @param time by which clock the detectors' timers go
     */
    static DataStream<Publication> publications(
            StreamExecutionEnvironment env, Uplink uplink, int shards, Timekeeping time) {
        Uplink.Messages either = uplink.in(env);
        DataStream<UplinkMessage> messages = either.ofBroker();

        SingleOutputStreamOperator<PlacedReadings> live = either.only("for-ingest", "for ingest", AlarmJob::isForIngest)
                .keyBy(UplinkMessage::gateway)
                .process(new Ingest(Clock.systemUTC()))
                .uid("ingest")
                .name("ingest");
        DataStream<Pulse> pulses = live.getSideOutput(Ingest.PULSE);
        DataStream<PlacedReadings> backlog = live.getSideOutput(Ingest.BACKLOG);

        BroadcastStream<Notice> notices = messages.filter(AlarmJob::isAboutRules)
                .uid("profiles")
                .name("profiles and rules")
                .map(state -> Notice.of(state))
                .uid("profile-notices")
                .name("profile and rule notices")
                .union(pulses.map(pulse -> Notice.of(pulse))
                        .uid("pulse-notices")
                        .name("pulse notices"))
                .broadcast(Site.state());

        SingleOutputStreamOperator<Claim> fromLive = live.keyBy(PlacedReadings::device)
                .connect(notices)
                .process(time.keep(new Detect(time.clock()), PlacedReadings.class, Claim.class))
                .uid("detect-live")
                .name("detect live");
        SingleOutputStreamOperator<Claim> fromBacklog = backlog.keyBy(PlacedReadings::device)
                .connect(notices)
                .process(new DetectBacklog(Clock.systemUTC()))
                .uid("detect-backlog")
                .name("detect backlog");

        SingleOutputStreamOperator<Claim> fromPresence = messages.filter(AlarmJob::isForPresence)
                .uid("for-presence")
                .name("for presence")
                .map(message -> Signal.of(message))
                .uid("presence-messages")
                .name("presence messages")
                .union(pulses.map(pulse -> Signal.of(pulse))
                        .uid("presence-pulses")
                        .name("presence pulses"))
                .keyBy(Signal::gateway)
                .process(new Presence(Clock.systemUTC()))
                .uid("presence")
                .name("presence");
        SingleOutputStreamOperator<Claim> fromAgents = either.only(
                        "for-agents", "for agents", message -> message.feed() == Feed.ALERT)
                .process(new AgentAlerts())
                .uid("agent-alerts")
                .name("agent alerts");

        // What this job published itself, also before a crash that it does not remember, and what the alerts of a place
        // mean for each other: said of what is out already, so that no alert waits for it.
        DataStream<UplinkMessage> correlations = messages.filter(
                        message -> message.feed() == Feed.STATE && Topics.CORRELATIONS.equals(message.topic()))
                .uid("correlation-rules")
                .name("correlation rules");
        SingleOutputStreamOperator<Claim> fromTopic = messages.filter(message -> message.feed() == Feed.ALERTS)
                .uid("for-topic")
                .name("for topic")
                .process(new PublishedAlerts())
                .uid("published-alerts")
                .name("published alerts")
                .keyBy(Correlate::areaOf)
                .connect(correlations.broadcast(SiteCorrelations.STATE))
                .process(new Correlate(Clock.systemUTC()))
                .uid("correlate")
                .name("correlate");

        BroadcastStream<News> news = fromPresence
                .getSideOutput(Presence.NEW_SPOOL)
                .map(spool -> News.of(spool))
                .uid("spool-news")
                .name("spool news")
                .union(correlations
                        .map(message -> News.of(message))
                        .uid("correlation-news")
                        .name("correlation news"))
                .broadcast(SiteCorrelations.STATE);
        DataStream<Alert> alerts = fromLive.union(fromBacklog, fromPresence, fromAgents, fromTopic)
                .keyBy(Claim::matter)
                .connect(news)
                .process(time.keep(new AlertLife(time.clock()), Claim.class, Alert.class))
                .uid("alert-life")
                .name("alert life");

        // One subtask from here on, or what follows each other could overtake.
        return alerts.map(alert -> Publication.of(alert))
                .uid("alert-publications")
                .name("alert publications")
                .setParallelism(1)
                .union(
                        pulses.map(pulse -> Publication.of(pulse))
                                .uid("pulse-publications")
                                .name("pulse publications")
                                .setParallelism(1),
                        fromAgents
                                .getSideOutput(AgentAlerts.REJECTED)
                                .union(
                                        fromLive.getSideOutput(Detect.POISON),
                                        fromBacklog.getSideOutput(DetectBacklog.POISON))
                                .map(rejected -> Publication.of(rejected, shards))
                                .uid("rejected-publications")
                                .name("rejected publications")
                                .setParallelism(1));
    }

    private static boolean isForIngest(UplinkMessage message) {
        return message.feed() == Feed.LIVE || message.feed() == Feed.BACKLOG || isGatewayState(message);
    }

    private static boolean isAboutRules(UplinkMessage message) {
        return message.feed() == Feed.STATE
                && (Topics.isProfileState(message.topic()) || Topics.isRulesState(message.topic()));
    }

    private static boolean isForPresence(UplinkMessage message) {
        return message.feed() == Feed.STATUS || isGatewayState(message);
    }

    private static boolean isGatewayState(UplinkMessage message) {
        return message.feed() == Feed.STATE && Topics.isGatewayState(message.topic());
    }
}

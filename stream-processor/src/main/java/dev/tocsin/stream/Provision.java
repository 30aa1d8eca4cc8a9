package dev.tocsin.stream;

import dev.tocsin.profiles.config.Settings;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.stream.broker.BrokerAccess;
import dev.tocsin.stream.broker.Parting;
import dev.tocsin.stream.run.JobConfig;
import dev.tocsin.stream.run.JobRun;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.split.MqttSplit;
import dev.tocsin.stream.store.Database;
import dev.tocsin.stream.store.SensingSchema;
import dev.tocsin.stream.store.StoreSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;

/**
 * Prepares a site before the first agent connects: the database schema, and every session that must not miss a message
 * from the first on. Repeating it changes nothing, except that a session whose client is connected is taken over for a
 * moment, as MQTT has no other way to see whether it exists; a running job connects again after 10 s.
 */
public final class Provision {
    private static final long WAIT_MS = 10_000;
    private static final int AT_A_TIME = 8;
    private static final String API_ALERTS = "tocsin-api-alerts";

    private Provision() {}

    /** Where to prepare what. */
    record Site(BrokerAccess broker, int shards, Database database, StoreSettings store) {
        static Site read(Settings settings) {
            Site site = new Site(
                    JobConfig.broker(settings),
                    JobConfig.shards(settings),
                    Database.read(settings),
                    StoreSettings.read(settings));
            settings.finish();
            return site;
        }
    }

    public static void main(String[] args) {
        try {
            Site site = Site.read(new Settings(args, System.getenv()));
            SensingSchema.Migrated migrated = SensingSchema.migrate(site.database(), site.store());
            migrated.notes().forEach(System.err::println);
            Map<String, String> sessions = sessions(site.shards());
            createAll(site.broker(), sessions);
            System.out.println("READY provision sessions=" + sessions.size() + " migrations=" + migrated.applied());
        } catch (Exception e) {
            JobRun.exit(e);
        }
    }

    /** Client ids with what each is subscribed to. */
    static Map<String, String> sessions(int shards) {
        Map<String, String> sessions = new LinkedHashMap<>();
        add(sessions, AlarmJob.NAME, AlarmJob.FEEDS, shards);
        add(sessions, ArchiveJob.NAME, ArchiveJob.FEEDS, shards);
        sessions.put(API_ALERTS, Topics.ALERTS_FILTER);
        return sessions;
    }

    private static void add(Map<String, String> sessions, String job, List<Feed> feeds, int shards) {
        for (MqttSplit split : MqttSplit.of(feeds, shards)) {
            if (split.feed().durable()) {
                sessions.put(split.clientId(job), split.filter());
            }
        }
    }

    /** Side by side: most of a session's making is waiting for the broker's disk, and for its client's threads to end. */
    private static void createAll(BrokerAccess broker, Map<String, String> sessions) throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(AT_A_TIME);
        try {
            List<Callable<Void>> tasks = new ArrayList<>();
            sessions.forEach((clientId, filter) -> tasks.add(() -> {
                create(broker, clientId, filter);
                return null;
            }));
            for (Future<Void> created : workers.invokeAll(tasks)) {
                created.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof MqttException refused ? refused : e;
        } finally {
            workers.shutdownNow();
        }
    }

    /** @throws MqttException when the broker is away or refuses */
    static void create(BrokerAccess broker, String clientId, String filter) throws MqttException {
        MqttAsyncClient client = new MqttAsyncClient(broker.clientUrl(), clientId, new MemoryPersistence());
        try {
            // What is queued already must not be sent to us, who would never acknowledge it.
            client.setManualAcks(true);
            client.connect(broker.options(true, 1, 10)).waitForCompletion(WAIT_MS);
            IMqttToken subscribed = client.subscribe(filter, 1);
            subscribed.waitForCompletion(WAIT_MS);
            for (int reason : subscribed.getReasonCodes()) {
                if (reason >= MqttReturnCode.RETURN_CODE_UNSPECIFIED_ERROR) {
                    throw new MqttException(reason);
                }
            }
            client.disconnect(0).waitForCompletion(WAIT_MS);
        } finally {
            Parting.from(client);
        }
    }
}

package dev.tocsin.stream.source.kafka;

import dev.tocsin.profiles.config.Settings;
import java.io.IOException;
import java.io.Reader;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.flink.connector.base.source.reader.SourceReaderOptions;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Where Kafka is, which of its topics carry the uplink, and how to log in. Serialisable, because it travels with the
 * job.
 *
 * @param servers {@code host:port}, with commas between
 * @param topics names; empty where {@code pattern} selects them
 * @param group consumer group: where the offsets of a job are kept beside its checkpoints
 * @param discovery how soon new topics and partitions are seen, and how often a Kafka that is away is asked for them
 * @param client further settings of Kafka's client
 */
record KafkaAccess(
        String servers,
        List<String> topics,
        @Nullable Pattern pattern,
        String group,
        Duration discovery,
        Map<String, String> client)
        implements Serializable {

    /** How long a question may wait for its answer; the end of the job waits as long for those on their way. */
    private static final long ANSWER_MS = 10_000;
    /** Between two attempts to connect, each of which Kafka's client logs. */
    private static final long RECONNECT_MS = 5_000;
    /** Of one answer of a server; two of them wait to be taken. A single record that is larger comes all the same. */
    private static final long FETCHED_BYTES = 8 << 20;

    /** Leaves room for the rest within the time that a stop may take. */
    private static final long CLOSE_MS = 1_500;

    private static final Pattern SERVERS = Pattern.compile("[^,\\s]+:\\d{1,5}(\\s*,\\s*[^,\\s]+:\\d{1,5})*");
    /** What has a key of its own, or is what the checkpoints rest on. */
    private static final Set<String> OURS = Set.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            ConsumerConfig.GROUP_ID_CONFIG,
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            KafkaSourceOptions.COMMIT_OFFSETS_ON_CHECKPOINT.key(),
            KafkaSourceOptions.PARTITION_DISCOVERY_INTERVAL_MS.key(),
            ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
            ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG);

    /**
     * Null where no Kafka is configured.
     *
     * @param job ends the name of the group: jobs that shared one would overwrite each other's offsets
     */
    static @Nullable KafkaAccess read(Settings settings, String job) {
        String servers = settings.optional("kafka.bootstrap-servers");
        String topics = settings.optional("kafka.topics");
        String pattern = settings.optional("kafka.topic-pattern");
        String group = settings.text("kafka.group-prefix", "tocsin") + "-" + job;
        Duration discovery = settings.millis("kafka.discovery-interval-ms", 10_000, 100, 600_000);
        String file = settings.optional("kafka.properties");
        if (servers == null) {
            if (topics != null || pattern != null || file != null) {
                settings.refuse("--kafka.topics, --kafka.topic-pattern and --kafka.properties have no effect without"
                        + " --kafka.bootstrap-servers");
            }
            return null;
        }
        if (!SERVERS.matcher(servers.strip()).matches()) {
            settings.refuse("--kafka.bootstrap-servers = '" + servers + "' is not of the form host:port,host:port");
        }
        if ((topics == null) == (pattern == null)) {
            settings.refuse("--kafka.bootstrap-servers needs either --kafka.topics or --kafka.topic-pattern");
        }
        KafkaAccess access = new KafkaAccess(
                servers.strip(),
                names(settings, topics),
                compiled(settings, pattern),
                group,
                discovery,
                client(settings, file));
        try {
            new ConsumerConfig(access.properties());
        } catch (ConfigException e) {
            // The running job would say it too, again and again.
            settings.refuse("--kafka.properties: " + e.getMessage());
        }
        return access;
    }

    private static List<String> names(Settings settings, @Nullable String topics) {
        if (topics == null) {
            return List.of();
        }
        List<String> names =
                Arrays.stream(topics.split(",", -1)).map(String::strip).toList();
        if (names.contains("")) {
            settings.refuse("--kafka.topics = '" + topics + "' names no topic between two commas or at an end");
        }
        return names;
    }

    private static @Nullable Pattern compiled(Settings settings, @Nullable String pattern) {
        try {
            return pattern == null ? null : Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            settings.refuse("--kafka.topic-pattern = '" + pattern + "': " + e.getDescription());
            return null;
        }
    }

    private static Map<String, String> client(Settings settings, @Nullable String file) {
        Map<String, String> client = new TreeMap<>();
        if (file == null) {
            return client;
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(file))) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            settings.refuse("--kafka.properties: cannot read " + file + ": " + e);
            return client;
        }
        properties.stringPropertyNames().forEach(name -> client.put(name, properties.getProperty(name)));
        Set<String> taken = new TreeSet<>(client.keySet());
        taken.retainAll(OURS);
        if (!taken.isEmpty()) {
            settings.refuse("--kafka.properties: " + file + " sets " + String.join(", ", taken) + ", which is not its"
                    + " business");
        }
        return client;
    }

    /** Of Flink's source and of Kafka's client. */
    Properties properties() {
        Properties properties = new Properties();
        set(properties, ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MS);
        set(properties, ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MS);
        set(properties, ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, RECONNECT_MS);
        set(properties, ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCHED_BYTES);
        set(properties, KafkaSourceOptions.PARTITION_DISCOVERY_INTERVAL_MS.key(), discovery.toMillis());
        set(properties, SourceReaderOptions.SOURCE_READER_CLOSE_TIMEOUT.key(), CLOSE_MS);
        properties.setProperty(KafkaSourceOptions.REGISTER_KAFKA_CONSUMER_METRICS.key(), "false");
        properties.putAll(client);
        properties.setProperty(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        properties.setProperty(ConsumerConfig.GROUP_ID_CONFIG, group);
        properties.setProperty(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.setProperty(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        return properties;
    }

    private static void set(Properties properties, String key, long value) {
        properties.setProperty(key, Long.toString(value));
    }

    /** Never shows what the client logs in with. */
    @Override
    public String toString() {
        return servers + " as " + group;
    }
}

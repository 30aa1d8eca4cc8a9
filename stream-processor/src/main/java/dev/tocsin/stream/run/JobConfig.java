package dev.tocsin.stream.run;

import dev.tocsin.profiles.config.Settings;
import dev.tocsin.stream.broker.BrokerAccess;
import dev.tocsin.stream.source.reader.Window;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What every job is told.
 *
 * @param data folder; checkpoints are kept in {@code checkpoints/{job}} below it
 * @param shards the same in every process of a site
 * @param startEmpty whether a job that has checkpoints, none of which can be restored, begins without state
 * @param clusterConf folder of the configuration of a Flink cluster on which the job is to be kept running; absent: it
 *     runs in this JVM
 * @param bindHost address of the ports below, where the job runs in this JVM; a port 0 is any free one
 * @param blobPort where Flink hands files to its own parts; nobody else has business there
 */
public record JobConfig(
        BrokerAccess broker,
        Path data,
        int shards,
        Window window,
        Duration checkpointInterval,
        Duration bufferTimeout,
        int parallelism,
        StateStore stateStore,
        boolean startEmpty,
        @Nullable Path clusterConf,
        String bindHost,
        int restPort,
        int blobPort,
        int metricsPort) {

    private static final int BLOB_PORT_OFFSET = 10;

    /** Where keyed state is kept between checkpoints. */
    public enum StateStore {
        /** On the heap: fast, and as large as the heap. */
        HASHMAP,
        /** On disk, for more devices than memory holds. */
        ROCKSDB;

        String flinkName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Reads the keys; the caller reads those of its own and then calls {@link Settings#finish}.
     *
     * @param defaultRestPort 0 for any that is free, of this port and of the one that goes with it
     */
    public static JobConfig read(Settings settings, int defaultRestPort, int defaultMetricsPort) {
        BrokerAccess broker = broker(settings);
        String clusterConf = settings.optional("cluster.conf");
        int defaultBlobPort = defaultRestPort == 0 ? 0 : defaultRestPort + BLOB_PORT_OFFSET;
        return new JobConfig(
                broker,
                settings.path("data", "data"),
                shards(settings),
                new Window(
                        settings.integer("receive-maximum", "messages", 8_000, 1, 65_535),
                        settings.whole("queue-bytes", "bytes", 8L << 20, 1L << 10, 1L << 30)),
                settings.millis("checkpoint.interval-ms", 500, 50, 600_000),
                settings.millis("buffer.timeout-ms", 1, 1, 1_000),
                settings.integer("parallelism", "subtasks", 1, 1, 128),
                settings.choice("state.backend", StateStore.class, StateStore.HASHMAP),
                settings.flag("checkpoint.start-empty", false),
                clusterConf == null ? null : Path.of(clusterConf),
                settings.text("bind.host", "127.0.0.1"),
                settings.integer("rest.port", "port", defaultRestPort, 0, 65_535),
                settings.integer("blob.port", "port", defaultBlobPort, 0, 65_535),
                settings.integer("metrics.port", "port", defaultMetricsPort, 0, 65_535));
    }

    /** The keys that lead to the broker. */
    public static BrokerAccess broker(Settings settings) {
        return new BrokerAccess(
                settings.text("broker.url", "tcp://127.0.0.1:1883"),
                settings.optional("broker.user"),
                secret(settings, "broker.password"));
    }

    public static int shards(Settings settings) {
        return settings.integer("shards", "shards", 4, 1, 1_024);
    }

    /** A secret given itself, or as the path of a file that holds it ({@code KEY-file}), which is preferred. */
    public static @Nullable String secret(Settings settings, String key) {
        String file = settings.optional(key + "-file");
        String value = settings.optional(key);
        if (file == null) {
            return value;
        }
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("--" + key + "-file: cannot read " + file, e);
        }
    }
}

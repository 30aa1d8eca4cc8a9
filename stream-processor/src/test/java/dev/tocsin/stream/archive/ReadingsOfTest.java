package dev.tocsin.stream.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.stream.store.Database;
import dev.tocsin.stream.store.Rows;
import dev.tocsin.stream.store.TestServer;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the API asks {@code sensing.readings_of}. */
class ReadingsOfTest {
    private static final long MINUTE_MS = 60_000;
    private static final int DAYS = 10;
    private static final int COUNT = DAYS * 24 * 60;

    @ParameterizedTest
    @EnumSource
    void fewReadingsComeAsTheyAreAndOfOneInstantTheLastReceived(TestServer server) throws Exception {
        Database database = server.migrated();
        DeviceReadings readings = Given.readings("dev-1", 1, 5);
        readings.observedAtMs()[3] = readings.observedAtMs()[2];
        write(database, readings);

        assertThat(Rows.of(
                        database,
                        "select value::int, min::int, max::int, n::int, quality::int"
                                + " from sensing.readings_of('dev-1', 'temperature', ?::timestamptz, ?::timestamptz, 5)",
                        at(0),
                        at(10_000)))
                .containsExactly(
                        List.of(1, 1, 1, 1, 0), List.of(2, 2, 2, 1, 0), List.of(4, 4, 4, 1, 0), List.of(5, 5, 5, 1, 0));
        assertThat(points(database, at(2_000), at(3_000), 5)).hasSize(1);
        assertThat(points(database, at(3_000), at(3_000), 5)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void manyReadingsBecomeAsManyPointsAsAskedForAndKeepTheirExtremes(TestServer server) throws Exception {
        Database database = server.migrated();
        DeviceReadings readings = Given.readings("dev-1", 0, 1_000);
        readings.value()[555] = 9_999;
        readings.quality()[556] = 12;
        write(database, readings);

        List<List<Object>> points = points(database, at(0), at(1_000_000), 100);

        assertThat(points).hasSize(100);
        assertThat(points).extracting(point -> point.get(3)).containsOnly(10);
        assertThat(points.get(55).get(2)).isEqualTo(9_999.0);
        assertThat(points.get(55).get(4)).isEqualTo(12);
        assertThat((double) points.get(10).get(0)).isEqualTo(104.5, within(1e-9));
    }

    /** The rollup answers where it can, and nobody can tell: this compares with the readings themselves. */
    @ParameterizedTest
    @EnumSource
    void longSpansGiveTheSameFromTheRollupAsFromTheReadings(TestServer server) throws Exception {
        Database database = server.migrated();
        write(database, aReadingAMinute());
        long offsetMs = 17 * MINUTE_MS;
        assertSame(database, offsetMs, (long) COUNT * MINUTE_MS - 7 * MINUTE_MS, 40);

        if (server == TestServer.TIMESCALE) {
            // Half of it stored in the rollup and compressed, the other half not.
            Rows.alone(
                    database,
                    "call refresh_continuous_aggregate('sensing.reading_hour', '" + at(0) + "', '"
                            + at(COUNT / 2 * MINUTE_MS) + "')",
                    "select compress_chunk(c) from show_chunks('sensing.reading') c limit 5");
            assertSame(database, offsetMs, (long) COUNT * MINUTE_MS - 7 * MINUTE_MS, 40);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aQuestionWithoutSenseIsAnError(TestServer server) throws Exception {
        Database database = server.migrated();
        write(database, Given.readings("dev-1", 1, 5));

        assertThatThrownBy(() -> points(database, at(0), at(1), 0)).hasMessageContaining("points is 0");
        assertThat(Rows.of(
                        database,
                        "select * from sensing.readings_of('nobody', 'temperature', now(), now() + interval '1 h', 5)"))
                .isEmpty();
    }

    /** Buckets of whole hours that begin at the full hour at or before {@code fromMs}, computed without the store. */
    private static void assertSame(Database database, long fromMs, long toMs, int points) throws Exception {
        DeviceReadings readings = aReadingAMinute();
        long hourMs = 60 * MINUTE_MS;
        long originMs = fromMs / hourMs * hourMs;
        long widthMs = (toMs - originMs + points * hourMs - 1) / (points * hourMs) * hourMs;
        int buckets = (int) ((toMs - originMs + widthMs - 1) / widthMs);
        double[] sum = new double[buckets];
        double[] max = new double[buckets];
        int[] n = new int[buckets];
        for (int i = 0; i < readings.count(); i++) {
            long ms = readings.observedAtMs()[i] - Given.NOON_MS;
            if (ms >= fromMs && ms < toMs) {
                int bucket = (int) ((ms - originMs) / widthMs);
                sum[bucket] += readings.value()[i];
                max[bucket] = n[bucket]++ == 0 ? readings.value()[i] : Math.max(max[bucket], readings.value()[i]);
            }
        }

        List<List<Object>> stored = points(database, at(fromMs), at(toMs), points);

        assertThat(stored).hasSize(buckets).hasSizeLessThanOrEqualTo(points);
        for (int i = 0; i < buckets; i++) {
            assertThat((double) stored.get(i).get(0)).isEqualTo(sum[i] / n[i], within(1e-9));
            assertThat(stored.get(i).get(2)).isEqualTo(max[i]);
            assertThat(stored.get(i).get(3)).isEqualTo(n[i]);
        }
    }

    private static DeviceReadings aReadingAMinute() {
        DeviceReadings readings = Given.readings("dev-1", 0, COUNT);
        Random random = new Random(7);
        for (int i = 0; i < COUNT; i++) {
            readings.observedAtMs()[i] = Given.NOON_MS + i * MINUTE_MS;
            readings.value()[i] = 20 + random.nextGaussian();
        }
        return readings;
    }

    private static List<List<Object>> points(Database database, String from, String to, int points) throws Exception {
        return Rows.of(
                database,
                "select value, min, max, n::int, quality::int"
                        + " from sensing.readings_of('dev-1', 'temperature', ?::timestamptz, ?::timestamptz, ?)",
                from,
                to,
                points);
    }

    private static String at(long ms) {
        return Instant.ofEpochMilli(Given.NOON_MS + ms).toString();
    }

    private static void write(Database database, DeviceReadings readings) throws InterruptedException {
        try (ReadingArchive archive = Given.archive(database, Given.metrics())) {
            archive.add(new SpooledReadings("gw-1", "epoch-1", readings));
            archive.write();
        }
    }
}

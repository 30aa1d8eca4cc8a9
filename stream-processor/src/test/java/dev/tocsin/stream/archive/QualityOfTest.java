package dev.tocsin.stream.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.stream.store.Database;
import dev.tocsin.stream.store.Rows;
import dev.tocsin.stream.store.TestServer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the API asks {@code sensing.quality_of}, and the rollup below it. The first reading is of noon, UTC. */
class QualityOfTest {
    private static final long HOUR_MS = 3_600_000;
    private static final long SEQUENCES_APART = 1_000_000;

    private long firstSequence = 1;

    /** From {@code fromMs} after noon, one every {@code everyMs}; each is received {@code latencyMs} late. */
    private DeviceReadings readings(String metric, long fromMs, int count, long everyMs, long latencyMs) {
        DeviceReadings readings = new DeviceReadings(
                "dev-1",
                "room-sensor",
                false,
                firstSequence,
                new String[] {metric},
                new int[count],
                new double[count],
                new long[count],
                new long[count],
                new byte[count]);
        firstSequence += SEQUENCES_APART;
        for (int i = 0; i < count; i++) {
            readings.observedAtMs()[i] = Given.NOON_MS + fromMs + i * everyMs;
            readings.receivedAtMs()[i] = readings.observedAtMs()[i] + latencyMs;
        }
        return readings;
    }

    private static DeviceReadings with(Quality quality, DeviceReadings readings) {
        Arrays.fill(readings.quality(), quality.code());
        return readings;
    }

    private static void write(Database database, DeviceReadings... all) throws InterruptedException {
        try (ReadingArchive archive = Given.archive(database, Given.metrics())) {
            for (DeviceReadings readings : all) {
                archive.add(new SpooledReadings("gw-1", "epoch-1", readings));
            }
            archive.write();
        }
    }

    private static Database everyTenSeconds(TestServer server) throws Exception {
        Database database = server.migrated();
        profile(database, new SiteProfile("room-sensor", 1, 10_000));
        return database;
    }

    private static void profile(Database database, SiteProfile profile) throws InterruptedException {
        try (ProfileArchive archive = new ProfileArchive(database, Given.metrics())) {
            archive.add(profile);
            archive.write();
        }
    }

    private static List<List<Object>> ask(Database database, String columns, String first, String last)
            throws Exception {
        return Rows.of(
                database,
                "select " + columns + " from sensing.quality_of('dev-1', ?::date, ?::date) q order by day",
                first,
                last);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsMissingIsCountedFromTheFirstReadingOnAndAnHourOfAlarmMakesUpForNothing(TestServer server)
            throws Exception {
        Database database = everyTenSeconds(server);
        // Half past twelve to one as it should be, of two metrics, an hour of one reading a second, then nothing.
        write(
                database,
                readings("temperature", HOUR_MS / 2, 180, 10_000, 50),
                readings("humidity", HOUR_MS / 2, 100, 10_000, 50),
                readings("temperature", HOUR_MS, 3_600, 1_000, 50));

        List<List<Object>> days =
                ask(database, "day::text, received, expected, n, completeness", "2025-12-30", "2026-01-02");

        assertThat(days).hasSize(2);
        assertThat(days.get(0).subList(0, 4)).containsExactly("2026-01-01", 3_780L, 23L * 180, 3_880L);
        assertThat((double) days.get(0).get(4)).isEqualTo((180 + 361) / (23.0 * 180), within(1e-9));
        assertThat(days.get(1)).containsExactly("2026-01-02", 0L, 8_640L, 0L, 0.0);
    }

    @ParameterizedTest
    @EnumSource
    void readingsOfADeviceWhoseClockIsWrongSayNothingOfLatency(TestServer server) throws Exception {
        Database database = everyTenSeconds(server);
        DeviceReadings replayed = readings("temperature", 0, 7, 1_000, 0);
        write(
                database,
                readings("temperature", 0, 90, 10_000, 200),
                readings("temperature", HOUR_MS, 8, 10_000, 45_000),
                with(Quality.STUCK, readings("humidity", HOUR_MS, 2, 10_000, 7_200_500)),
                with(Quality.CLOCK, readings("humidity", 0, 100, 10_000, 0)),
                new DeviceReadings(
                        replayed.device(),
                        replayed.profile(),
                        true,
                        replayed.firstSequence(),
                        replayed.metricNames(),
                        replayed.metric(),
                        replayed.value(),
                        replayed.observedAtMs(),
                        replayed.receivedAtMs(),
                        replayed.quality()));

        assertThat(ask(
                        database,
                        "n, good, clock, stale, out_of_range, stuck, spike, sensor_fault, validity",
                        "2026-01-01",
                        "2026-01-01"))
                .containsExactly(List.of(200L, 98L, 100L, 0L, 0L, 2L, 0L, 0L, 0.49));
        assertThat(ask(database, "p50_s, p90_s, p99_s, soonest_s, latest_s", "2026-01-01", "2026-01-01"))
                .containsExactly(List.of(1.0, 1.0, 7_200.5, 0.2, 7_200.5));
        assertThat(Rows.of(database, "select sensing.latency_at_most(0.95, array[90, 90, 98, 98, 98], 100, 7200.5)"))
                .containsExactly(List.of(60.0));
        assertThat(Rows.of(database, "select sensing.latency_at_most(0.5, array[3, 3, 3, 3, 3], 3, 0.25)"))
                .containsExactly(List.of(0.25));
    }

    @ParameterizedTest
    @EnumSource
    void aDayIsOfTheZoneThatIsAskedFor(TestServer server) throws Exception {
        Database database = everyTenSeconds(server);
        // Midnight in Shanghai is four hours after noon in UTC.
        write(database, readings("temperature", 3 * HOUR_MS, 720, 10_000, 50));

        assertThat(Rows.of(
                        database,
                        "select day::text, received, expected from sensing.quality_of('dev-1', '2026-01-01', '2026-01-02',"
                                + " 'Asia/Shanghai')"))
                .containsExactly(List.of("2026-01-01", 360L, 360L), List.of("2026-01-02", 360L, 8_640L));
        assertThatThrownBy(() -> Rows.of(
                        database,
                        "select * from sensing.quality_of('dev-1', '2026-01-01', '2026-01-02', 'Middle/Earth')"))
                .hasMessageContaining("Middle/Earth");
    }

    @ParameterizedTest
    @EnumSource
    void aProfileOfTheSiteGoesBeforeABuiltInOneUntilItIsDropped(TestServer server) throws Exception {
        Database database = server.migrated();
        assertThat(intervals(database)).containsExactly(List.of(false, 10_000L));

        profile(database, new SiteProfile("senml-room", 7, 30_000));
        profile(database, new SiteProfile("senml-room", 8, 60_000));
        assertThat(intervals(database)).containsExactly(List.of(false, 10_000L), List.of(true, 60_000L));

        profile(database, new SiteProfile("senml-room", 0, 0));
        assertThat(intervals(database)).containsExactly(List.of(false, 10_000L));
    }

    private static List<List<Object>> intervals(Database database) throws Exception {
        return Rows.of(
                database, "select site, report_interval_ms from sensing.profile where id = 'senml-room' order by site");
    }

    @ParameterizedTest
    @EnumSource
    void withoutAnIntervalNothingIsMissingAndAQuestionWithoutSenseIsAnError(TestServer server) throws Exception {
        Database database = server.migrated();
        write(database, readings("temperature", 0, 5, 10_000, 50));

        assertThat(ask(
                        database,
                        "received, expected is null, completeness is null, validity",
                        "2026-01-01",
                        "2026-01-01"))
                .containsExactly(List.of(5L, true, true, 1.0));
        assertThat(Rows.of(database, "select * from sensing.quality_of('nobody', '2026-01-01', '2026-01-02')"))
                .isEmpty();
        assertThatThrownBy(() -> ask(database, "day", "2026-01-02", "2026-01-01"))
                .hasMessageContaining("1 to 366 days");
        assertThatThrownBy(() -> ask(database, "day", "2025-01-01", "2026-01-02"))
                .hasMessageContaining("1 to 366 days");
    }

    @ParameterizedTest
    @EnumSource
    void theRollupSaysTheSameWhetherItIsStoredOrNotAndOutlivesTheReadings(TestServer server) throws Exception {
        Database database = everyTenSeconds(server);
        write(
                database,
                readings("temperature", 0, 3 * 8_640, 10_000, 50),
                with(Quality.SPIKE, readings("humidity", 5, 2_000, 100_000, 15_000)),
                readings("humidity", 7 * HOUR_MS, 50, 1_000, 400_000));
        List<List<Object>> before = ask(database, "q.*", "2026-01-01", "2026-01-05");
        assertThat(before).hasSizeGreaterThanOrEqualTo(5);
        assertSameHours(database);

        if (server == TestServer.TIMESCALE) {
            Rows.alone(
                    database,
                    "call refresh_continuous_aggregate('sensing.quality_hour', null, '2026-01-03T00:00:00Z')",
                    "select compress_chunk(c) from show_chunks('sensing.reading') c limit 2");
            assertSameHours(database);
            assertThat(ask(database, "q.*", "2026-01-01", "2026-01-05")).isEqualTo(before);

            Rows.alone(database, "select drop_chunks('sensing.reading', '2026-01-02T00:00:00Z'::timestamptz)");
            List<List<Object>> after = ask(database, "q.*", "2026-01-01", "2026-01-05");
            assertThat(after).isEqualTo(before);
        }
    }

    private static void assertSameHours(Database database) throws Exception {
        String ofAll = "(select array_agg(id) from sensing.series)";
        assertThat(Rows.of(database, "select * from sensing.quality_hour order by series, hour"))
                .hasSizeGreaterThan(72)
                .isEqualTo(Rows.of(
                        database,
                        "select * from sensing.quality_hours(" + ofAll
                                + ", '2025-12-31', '2026-02-01') order by series, hour"));
        assertThat(Rows.of(
                        database,
                        "select hour from sensing.quality_hours(" + ofAll
                                + ", '2026-01-01T13:30:00Z', '2026-01-01T15:30:00Z') where series = 1 order by hour"))
                .isEqualTo(Rows.of(
                        database,
                        "select hour from sensing.quality_hour where series = 1 and hour >= '2026-01-01T13:30:00Z'"
                                + " and hour < '2026-01-01T15:30:00Z' order by hour"))
                .hasSize(2);
    }
}

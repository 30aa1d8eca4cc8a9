package dev.tocsin.stream.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.wire.proto.Batch;
import dev.tocsin.stream.store.Database;
import dev.tocsin.stream.store.Rows;
import dev.tocsin.stream.store.TestServer;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReadingArchiveTest {
    /** The first that PostgreSQL does not know; no batch brings it, but the store has the last word. */
    private static final long YEAR_294277_MS = 9_224_318_016_000_000L;

    private static final String COMPRESSED =
            "select count(*) from timescaledb_information.chunks where hypertable_name = 'reading' and is_compressed";
    private static final String SUM_UP = "call refresh_continuous_aggregate('sensing.reading_hour', null, null)";

    private final ArchiveMetrics metrics = Given.metrics();

    @ParameterizedTest
    @EnumSource
    void everyColumnOfAReadingIsStoredAsItWas(TestServer server) throws Exception {
        Database database = server.migrated();
        DeviceReadings two = new DeviceReadings(
                "dev-1",
                "smoke",
                true,
                7,
                new String[] {"unused", "smoke", "battery"},
                new int[] {1, 2},
                new double[] {-0.25, 87},
                new long[] {Given.NOON_MS + 1, Given.NOON_MS + 2},
                new long[] {Given.NOON_MS + 11, Given.NOON_MS + 12},
                new byte[] {0, 12});
        write(database, new SpooledReadings("gw-1", "e", two));

        assertThat(Rows.of(
                        database,
                        "select gateway, device, metric, profile, value, quality::int, replayed,"
                                + " extract(epoch from observed_at) * 1000 = ?, "
                                + " extract(epoch from received_at - observed_at) * 1000 = 10"
                                + " from sensing.reading join sensing.series on id = series order by metric desc",
                        Given.NOON_MS + 1))
                .containsExactly(
                        List.of("gw-1", "dev-1", "smoke", "smoke", -0.25, 0, true, true, true),
                        List.of("gw-1", "dev-1", "battery", "smoke", 87.0, 12, true, false, true));
        assertThat(Rows.number(database, "select count(*) from sensing.series")).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void aRangeThatComesAgainWholeOrInPartIsStoredOnce(TestServer server) throws Exception {
        Database database = server.migrated();
        write(database, Given.spooled("gw-1", "dev-1", 1, 100));
        write(database, Given.spooled("gw-1", "dev-1", 1, 100));
        write(database, Given.spooled("gw-1", "dev-1", 51, 100));
        write(database, Given.spooled("gw-1", "dev-1", 301, 100));
        write(database, Given.spooled("gw-1", "dev-1", 1, 500), Given.spooled("gw-1", "dev-1", 450, 100));

        assertStoredOnce(database, 1, 549);
        assertThat(metrics.rows()).isEqualTo(549);
        assertThat(metrics.alreadyHeld()).isEqualTo(1_000 - 549);
        assertThat(Rows.of(database, "select held::text from sensing.ledger")).containsExactly(List.of("{[1,550)}"));
    }

    @ParameterizedTest
    @EnumSource
    void theSameSequencesOfAnotherSpoolAreOtherReadings(TestServer server) throws Exception {
        Database database = server.migrated();
        write(
                database,
                new SpooledReadings("gw-1", "old-spool", Given.readings("dev-1", 1, 10)),
                new SpooledReadings("gw-1", "new-spool", Given.readings("dev-1", 1, 10)),
                new SpooledReadings("gw-2", "old-spool", Given.readings("dev-2", 1, 10)));

        assertThat(Rows.number(database, "select count(*) from sensing.reading"))
                .isEqualTo(30);
        assertThat(Rows.number(database, "select count(*) from sensing.ledger")).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void theNewestValueIsKeptWhateverOrderReadingsComeIn(TestServer server) throws Exception {
        Database database = server.migrated();
        write(database, Given.spooled("gw-1", "dev-1", 100, 50));
        write(database, Given.spooled("gw-1", "dev-1", 1, 50));
        write(database, Given.spooled("gw-1", "dev-2", 200, 1));

        assertThat(Rows.of(database, "select device, metric, value from sensing.latest order by device"))
                .containsExactly(List.of("dev-1", "temperature", 149.0), List.of("dev-2", "temperature", 200.0));
    }

    @ParameterizedTest
    @EnumSource
    void aRecordingOrAReadingFromTheFutureIsNoLastValueBesideAMeasuredOne(TestServer server) throws Exception {
        Database database = server.migrated();
        write(database, new SpooledReadings("gw-1", "e", replayed(Given.readings("dev-1", 500, 1))));
        assertThat(lastValue(database)).containsExactly(List.of(500.0));
        write(database, new SpooledReadings("gw-1", "e", Given.readings("dev-1", 100, 1)));
        assertThat(lastValue(database)).containsExactly(List.of(100.0));
        write(
                database,
                new SpooledReadings("gw-1", "e", replayed(Given.readings("dev-1", 600, 1))),
                new SpooledReadings(
                        "gw-1", "e", Given.observedAt(Given.readings("dev-1", 101, 1), 0, Given.NOON_MS + 9_999_999)));
        assertThat(lastValue(database)).containsExactly(List.of(100.0));
        write(database, new SpooledReadings("gw-1", "e", Given.readings("dev-1", 102, 1)));
        assertThat(lastValue(database)).containsExactly(List.of(102.0));
    }

    private static List<List<Object>> lastValue(Database database) throws SQLException {
        return Rows.of(database, "select value from sensing.latest");
    }

    private static DeviceReadings replayed(DeviceReadings readings) {
        return new DeviceReadings(
                readings.device(),
                readings.profile(),
                true,
                readings.firstSequence(),
                readings.metricNames(),
                readings.metric(),
                readings.value(),
                readings.observedAtMs(),
                readings.receivedAtMs(),
                readings.quality());
    }

    @ParameterizedTest
    @EnumSource
    void oneReadingThatTheStoreRefusesIsFoundAmongTenThousand(TestServer server) throws Exception {
        Database database = server.migrated();
        DeviceReadings poisoned = Given.observedAt(Given.readings("dev-1", 1, 10_000), 6_788, YEAR_294277_MS);
        SpooledReadings batch = new SpooledReadings("gw-1", "epoch-1", poisoned);
        write(database, batch);
        write(database, batch);

        assertThat(Rows.number(database, "select count(*) from sensing.reading"))
                .isEqualTo(9_999);
        assertThat(Rows.number(database, "select count(distinct value) from sensing.reading where value <> 6789"))
                .isEqualTo(9_999);
        assertThat(metrics.refusedRows()).isEqualTo(1);
        assertThat(Rows.of(database, "select gateway, source, device, reason from sensing.rejected"))
                .containsExactly(List.of("gw-1", "archive:epoch-1/6789", "dev-1", "INDIGESTIBLE"));
        byte[] raw = (byte[])
                Rows.of(database, "select raw from sensing.rejected").get(0).get(0);
        assertThat(Batch.parseFrom(raw).getBlocks(0).getFirstSequence()).isEqualTo(6_789);
    }

    @ParameterizedTest
    @EnumSource
    void everyKindOfValueThatPostgresCannotHoldBecomesRejected(TestServer server) throws Exception {
        Database database = server.migrated();
        DeviceReadings notANumber = Given.readings("dev-1", 1, 2);
        notANumber.value()[0] = Double.NaN;
        DeviceReadings endOfTime = Given.observedAt(Given.readings("dev-2", 3, 2), 0, Long.MAX_VALUE);
        DeviceReadings beginOfTime = Given.observedAt(Given.readings("dev-3", 5, 2), 0, Long.MIN_VALUE);
        DeviceReadings nulInName = Given.readings("dev\u0000ice", 7, 2);
        DeviceReadings longName = Given.readings("x".repeat(3) + randomText(20_000), 9, 2);
        write(
                database,
                new SpooledReadings("gw-1", "e", notANumber),
                new SpooledReadings("gw-1", "e", endOfTime),
                new SpooledReadings("gw-1", "e", beginOfTime),
                new SpooledReadings("gw-1", "e", nulInName),
                new SpooledReadings("gw-1", "e", longName),
                new SpooledReadings("gw-1", "e\u0000", Given.readings("dev-4", 1, 1)),
                new SpooledReadings("gw-1", "e", Given.readings("dev-5", 11, 2)));

        assertThat(Rows.of(database, "select value::int from sensing.reading order by 1"))
                .extracting(row -> row.get(0))
                .containsExactly(2, 4, 6, 11, 12);
        assertThat(Rows.number(database, "select count(*) from sensing.rejected"))
                .isEqualTo(8);
        assertThat(Rows.of(database, "select held::text from sensing.ledger")).containsExactly(List.of("{[1,13)}"));
    }

    @ParameterizedTest
    @EnumSource
    void aDeviceThatMovesToAnotherGatewayKeepsItsSeries(TestServer server) throws Exception {
        Database database = server.migrated();
        write(database, Given.spooled("gw-1", "dev-1", 1, 1));
        write(database, Given.spooled("gw-2", "dev-1", 1, 1));

        assertThat(Rows.of(database, "select id, gateway from sensing.series")).containsExactly(List.of(1, "gw-2"));
    }

    @ParameterizedTest
    @EnumSource
    void moreSeriesThanAreRememberedAreOnlyAskedForAgain(TestServer server) throws Exception {
        Database database = server.migrated();
        for (int round = 0; round < 2; round++) {
            SpooledReadings[] batch = new SpooledReadings[1_500];
            for (int i = 0; i < batch.length; i++) {
                batch[i] = Given.spooled("gw-1", "dev-" + i, round * batch.length + i, 1);
            }
            write(database, batch);
        }

        assertThat(Rows.number(database, "select count(*) from sensing.series")).isEqualTo(1_500);
        assertThat(Rows.number(database, "select max(id) from sensing.series")).isEqualTo(1_500);
        assertThat(Rows.number(database, "select count(*) from sensing.reading"))
                .isEqualTo(3_000);
    }

    @ParameterizedTest
    @EnumSource
    void twoWritersOfTheSameReadingsStoreThemOnce(TestServer server) throws Exception {
        Database database = server.migrated();
        var writers = List.of(1, 2).stream()
                .map(writer -> CompletableFuture.runAsync(() -> {
                    for (int batch = 0; batch < 50; batch++) {
                        write(
                                database,
                                Given.spooled(writer == 1 ? "gw-1" : "gw-2", "dev-9", 1 + batch * 10, 10),
                                Given.spooled("gw-1", "dev-" + batch % 7, 1 + batch * 10, 10));
                    }
                }))
                .toList();
        writers.forEach(CompletableFuture::join);

        assertThat(Rows.number(database, "select count(*) from sensing.reading"))
                .isEqualTo(
                        Rows.number(database, "select sum(upper(r) - lower(r)) from sensing.ledger, unnest(held) as r"))
                .isEqualTo(1_000);
    }

    /** The other tests write both ways too, by how many readings of a series they have. */
    @Test
    void whatIsCompressedWhileItIsCopiedIsStoredOnceAndSummedUpAlthoughItsHourWas() throws Exception {
        Database database = TestServer.TIMESCALE.migrated();
        int few = DirectCompress.ROWS_A_SERIES - 1;
        write(database, Given.spooled("gw-1", "dev-1", 1, few), Given.spooled("gw-1", "dev-2", 1 + few, few));
        Rows.alone(database, SUM_UP);
        assertThat(Rows.number(database, COMPRESSED)).isZero();

        write(database, Given.spooled("gw-1", "dev-1", 101, 5_000), Given.spooled("gw-1", "dev-2", 5_101, 5_000));
        write(database, Given.spooled("gw-1", "dev-1", 101, 5_000));
        assertThat(Rows.number(database, COMPRESSED)).isOne();
        Rows.alone(database, SUM_UP);
        assertAllThere(database, 10_000 + 2 * few);

        Rows.runJob(database, "policy_compression");
        assertAllThere(database, 10_000 + 2 * few);
    }

    private static void assertAllThere(Database database, long count) throws SQLException {
        assertThat(Rows.of(database, "select count(*), count(distinct value), sum(value)::int8 from sensing.reading"))
                .containsExactly(
                        Rows.of(database, "select sum(n)::int8, ?, sum(sum)::int8 from sensing.reading_hour", count)
                                .get(0));
    }

    private void write(Database database, SpooledReadings... batch) {
        try (ReadingArchive archive = Given.archive(database, metrics)) {
            for (SpooledReadings readings : batch) {
                archive.add(readings);
            }
            archive.write();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String randomText(int length) {
        return new java.util.Random(1)
                .ints(length, 'a', 'z')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static void assertStoredOnce(Database database, long first, long last) throws SQLException {
        assertThat(Rows.of(
                        database,
                        "select count(*), count(distinct value), min(value)::int8, max(value)::int8, "
                                + "bool_and(observed_at = ?::timestamptz + value * interval '1 second')"
                                + " from sensing.reading",
                        Instant.ofEpochMilli(Given.NOON_MS).toString()))
                .containsExactly(List.of(last - first + 1, last - first + 1, first, last, true));
    }
}

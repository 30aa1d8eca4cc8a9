package dev.tocsin.stream.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.profiles.config.Settings;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SensingSchemaTest {
    /** V1 to V5 and the repeatable queries. */
    private static final int MIGRATIONS = 6;

    @ParameterizedTest
    @EnumSource
    void migratingAgainChangesNothing(TestServer server) throws SQLException {
        Database database = server.newDatabase();

        var first = SensingSchema.migrate(database, StoreSettings.DEFAULT);
        var second = SensingSchema.migrate(database, StoreSettings.DEFAULT);

        assertThat(first.applied()).isEqualTo(MIGRATIONS);
        assertThat(second.applied()).isZero();
        assertThat(second.features()).isEqualTo(first.features());
        assertThat(Rows.number(database, "select count(*) from sensing.flyway_history where success"))
                .isGreaterThanOrEqualTo(MIGRATIONS);
    }

    @ParameterizedTest
    @EnumSource
    void twoProcessesMayMigrateAtOnce(TestServer server) throws Exception {
        Database database = server.newDatabase();
        var one = CompletableFuture.supplyAsync(() -> migrate(database));
        var other = CompletableFuture.supplyAsync(() -> migrate(database));

        assertThat(one.get().applied() + other.get().applied()).isEqualTo(MIGRATIONS);
        assertThat(one.get().features()).isEqualTo(other.get().features());
        assertThat(one.get().notes()).isEqualTo(other.get().notes());
    }

    /** Rights were given by both at once: "tuple concurrently updated". */
    @ParameterizedTest
    @EnumSource
    void twoProcessesMayFindNothingNewAtOnce(TestServer server) throws Exception {
        Database database = server.migrated();
        for (int round = 0; round < 10; round++) {
            var one = CompletableFuture.supplyAsync(() -> migrate(database));
            var other = CompletableFuture.supplyAsync(() -> migrate(database));
            assertThat(one.get().applied() + other.get().applied()).isZero();
        }
    }

    @Test
    void plainPostgresSaysWhatItDoesNotOffer() throws SQLException {
        var migrated = SensingSchema.migrate(TestServer.PLAIN.newDatabase(), StoreSettings.DEFAULT);

        assertThat(migrated.features().hypertables()).isFalse();
        assertThat(migrated.notes()).anySatisfy(note -> assertThat(note).startsWith("Plain PostgreSQL"));
    }

    @Test
    void timescaleUnderTheApacheLicenceGetsChunksAndNothingThatItsLicenceRefuses() throws SQLException {
        Database database = TestServer.TIMESCALE_APACHE.newDatabase();
        var settings = new StoreSettings(Duration.ofDays(1), Duration.ofDays(2), Duration.ofDays(400));

        var migrated = SensingSchema.migrate(database, settings);

        assertThat(migrated.features().hypertables()).isTrue();
        assertThat(migrated.features().columnstore()).isFalse();
        assertThat(migrated.notes()).anySatisfy(note -> assertThat(note).contains("licence 'apache'"));
        assertThat(Rows.number(database, "select count(*) from timescaledb_information.hypertables"))
                .isOne();
        assertThat(rollups(database)).isEmpty();
        assertThat(SensingSchema.migrate(database, settings).notes()).isEqualTo(migrated.notes());
    }

    @Test
    void timescaleGetsChunksColumnsRollupAndRetention() throws SQLException {
        Database database = TestServer.TIMESCALE.newDatabase();
        var keepAYear = new StoreSettings(Duration.ofDays(1), Duration.ofDays(2), Duration.ofDays(400));

        SensingSchema.migrate(database, keepAYear);

        assertThat(Rows.of(
                        database,
                        "select proc_name::text from timescaledb_information.jobs"
                                + " where proc_name like 'policy_%' and proc_name <> 'policy_telemetry'"
                                + " and job_id >= 1000 order by 1"))
                .extracting(row -> row.get(0))
                .containsExactly(
                        "policy_compression",
                        "policy_refresh_continuous_aggregate",
                        "policy_refresh_continuous_aggregate",
                        "policy_retention");
        assertThat(rollups(database)).containsExactly(List.of("quality_hour"), List.of("reading_hour"));

        SensingSchema.migrate(database, StoreSettings.DEFAULT);
        assertThat(Rows.number(
                        database,
                        "select count(*) from timescaledb_information.jobs where proc_name = 'policy_retention'"))
                .isZero();
    }

    @Test
    void thePoliciesCompressAndDropReadingsAtTheirAgesAndKeepTheHoursOfThoseDropped() throws SQLException {
        Database database = TestServer.TIMESCALE.migrated(
                new StoreSettings(Duration.ofDays(1), Duration.ofDays(2), Duration.ofDays(30)));
        Rows.execute(
                database,
                "insert into sensing.reading select now() - age, now() - age, 1, 1, 0, false"
                        + " from unnest(array[interval '40 days', '5 days', '1 hour']) a(age)");
        Rows.alone(
                database,
                "call refresh_continuous_aggregate('sensing.reading_hour', null, null)",
                "call refresh_continuous_aggregate('sensing.quality_hour', null, null)");

        Rows.runJob(database, "policy_compression");
        Rows.runJob(database, "policy_retention");

        assertThat(
                        Rows.of(
                                database,
                                "select is_compressed, range_end < now() - interval '2 days' from"
                                        + " timescaledb_information.chunks where hypertable_name = 'reading' order by range_end"))
                .containsExactly(List.of(true, true), List.of(false, false));
        assertThat(Rows.number(database, "select count(*) from sensing.reading"))
                .isEqualTo(2);
        assertThat(Rows.number(database, "select sum(n)::int8 from sensing.reading_hour"))
                .isEqualTo(3);
        assertThat(Rows.number(database, "select sum(n)::int8 from sensing.quality_hour"))
                .isEqualTo(3);
    }

    @Test
    void settingsThatChangeReachThePoliciesThatExistAndNothingSumsUpWhatWasDropped() throws SQLException {
        Database database = TestServer.TIMESCALE.newDatabase();
        SensingSchema.migrate(database, StoreSettings.DEFAULT);
        assertThat(policies(database)).containsExactly(List.of("2 days", "none", "none"));

        SensingSchema.migrate(database, new StoreSettings(Duration.ofDays(1), Duration.ofDays(5), Duration.ofDays(30)));
        assertThat(policies(database)).containsExactly(List.of("5 days", "29 days", "30 days"));
        long jobs = Rows.number(database, "select sum(job_id)::int8 from timescaledb_information.jobs");
        SensingSchema.migrate(database, new StoreSettings(Duration.ofDays(1), Duration.ofDays(5), Duration.ofDays(30)));
        assertThat(Rows.number(database, "select sum(job_id)::int8 from timescaledb_information.jobs"))
                .isEqualTo(jobs);

        var longer = SensingSchema.migrate(
                database, new StoreSettings(Duration.ofDays(1), Duration.ofDays(5), Duration.ofDays(60)));
        assertThat(policies(database)).containsExactly(List.of("5 days", "29 days", "60 days"));
        assertThat(longer.notes()).anySatisfy(note -> assertThat(note).contains("not summed up again"));

        SensingSchema.migrate(database, new StoreSettings(Duration.ofDays(1), Duration.ofDays(5), Duration.ofDays(10)));
        assertThat(policies(database)).containsExactly(List.of("5 days", "9 days", "10 days"));
    }

    private static List<List<Object>> rollups(Database database) throws SQLException {
        return Rows.of(
                database,
                "select view_name::text from timescaledb_information.continuous_aggregates"
                        + " where view_schema = 'sensing' order by 1");
    }

    /** Compression, refresh of both rollups, which are alike, and retention. */
    private static List<List<Object>> policies(Database database) throws SQLException {
        String ofJob = "(select distinct coalesce(justify_hours((config ->> '%s')::interval)::text, 'none')"
                + " from timescaledb_information.jobs where proc_name = '%s')";
        return Rows.of(
                database,
                "select " + ofJob.formatted("compress_after", "policy_compression") + ", "
                        + ofJob.formatted("start_offset", "policy_refresh_continuous_aggregate") + ", coalesce("
                        + ofJob.formatted("drop_after", "policy_retention") + ", 'none')");
    }

    /** A database of the version before: one rollup is stored, the other is not there. */
    @Test
    void aDatabaseThatIsAHypertableAlreadyGetsTheNewRollupToo() throws SQLException {
        Database database = TestServer.TIMESCALE.migrated();
        Rows.execute(
                database,
                "insert into sensing.reading values (now() - interval '5 days', now(), 1, 1, 0, false);"
                        + " drop materialized view sensing.quality_hour;"
                        + " drop function sensing.quality_hours(int[], timestamptz, timestamptz);"
                        + " drop table sensing.profile;"
                        + " drop index sensing.reading_observed_at;"
                        + " delete from sensing.flyway_history where version in ('4', '5')");

        SensingSchema.migrate(database, StoreSettings.DEFAULT);

        assertThat(rollups(database)).containsExactly(List.of("quality_hour"), List.of("reading_hour"));
        assertThat(policies(database)).containsExactly(List.of("2 days", "none", "none"));
        assertThat(Rows.of(
                        database,
                        "select n, latest >= interval '5 days' from sensing.quality_hours(array[1],"
                                + " now() - interval '6 days', now())"))
                .containsExactly(List.of(1, true));
        assertThat(Rows.number(database, "select count(*) from sensing.profile"))
                .isPositive();
    }

    @Test
    void aRetentionThatWouldDropReadingsBeforeTheirHoursAreSummedUpIsAWrongConfiguration() {
        for (String[] wrong :
                new String[][] {{"--store.retention-days=1"}, {"--store.retention-days=30", "--store.chunk-hours=744"}
                }) {
            Settings settings = new Settings(wrong, Map.of());
            StoreSettings.read(settings);
            assertThatThrownBy(settings::finish)
                    .isInstanceOf(Settings.InvalidException.class)
                    .hasMessageContaining("store.retention-days");
        }
        Settings settings = new Settings(new String[] {"--store.retention-days=2"}, Map.of());
        assertThat(StoreSettings.read(settings).retention()).isEqualTo(Duration.ofDays(2));
        settings.finish();
    }

    @Test
    void aPlainTableWithReadingsStaysPlainWhenTimescaleAppearsUntilItIsConverted() throws SQLException {
        Database database = TestServer.TIMESCALE.migrated();
        Rows.execute(
                database,
                "drop materialized view sensing.reading_hour; drop materialized view sensing.quality_hour;"
                        + " drop table sensing.reading");
        Rows.execute(
                database,
                "create table sensing.reading (observed_at timestamptz not null, received_at timestamptz not null,"
                        + " value float8 not null, series int not null, quality int2 not null, replayed bool not null);"
                        + " insert into sensing.reading values (now(), now(), 1, 1, 0, false);"
                        + " create view sensing.reading_hour as select 1 as series;"
                        + " create view sensing.quality_hour as select 1 as series");

        var migrated = SensingSchema.migrate(database, StoreSettings.DEFAULT);

        assertThat(migrated.notes()).anySatisfy(note -> assertThat(note).contains("stays a plain table"));

        Rows.execute(database, HypertableShape.CONVERT);
        assertThat(SensingSchema.migrate(database, StoreSettings.DEFAULT).notes())
                .isEmpty();
        assertThat(rollups(database)).containsExactly(List.of("quality_hour"), List.of("reading_hour"));
        assertThat(Rows.number(database, "select sum(n)::int8 from sensing.reading_hour"))
                .isEqualTo(1);
        assertThat(Rows.number(database, "select sum(good)::int8 from sensing.quality_hour"))
                .isEqualTo(1);
    }

    @Test
    void theApiReadsThroughFunctionsAndViewsAndNotTheReadingsThemselves() throws SQLException {
        Database database = TestServer.PLAIN.newDatabase();
        Rows.execute(database, "do $$ begin create role tocsin_api login; exception when duplicate_object then end $$");
        SensingSchema.migrate(database, StoreSettings.DEFAULT);
        Database api = new Database(database.url() + "&user=tocsin_api", "tocsin_api", "");

        assertThat(Rows.of(api, "select current_user::text")).isEqualTo(List.of(List.of("tocsin_api")));
        assertThat(Rows.of(api, "select * from sensing.readings_of('d', 'm', now() - interval '1 day', now(), 10)"))
                .isEmpty();
        assertThat(Rows.of(api, "select * from sensing.latest")).isEmpty();
        assertThat(Rows.of(api, "select * from sensing.quality_of('d', '2026-01-01', '2026-01-02')"))
                .isEmpty();
        assertThat(Rows.of(api, "select * from sensing.quality_hour")).isEmpty();
        assertThatThrownBy(() -> Rows.of(api, "select * from sensing.reading"))
                .hasMessageContaining("permission denied");
        assertThatThrownBy(() -> Rows.execute(api, "delete from sensing.alert"))
                .hasMessageContaining("permission denied");
    }

    @Test
    void anOrdinaryOwnerOfTheDatabaseMayMigrate() throws SQLException {
        Database database = TestServer.PLAIN.newDatabase();
        String name = database.url().replaceFirst(".*/([^/?]*)(\\?.*)?$", "$1");
        Rows.execute(
                database,
                "do $$ begin create role tocsin_stream login; exception when duplicate_object then end $$;"
                        + " grant create on database " + name + " to tocsin_stream");
        Database stream = new Database(database.url() + "&user=tocsin_stream", "tocsin_stream", "");

        assertThat(SensingSchema.migrate(stream, StoreSettings.DEFAULT).applied())
                .isEqualTo(MIGRATIONS);
    }

    private static SensingSchema.Migrated migrate(Database database) {
        try {
            return SensingSchema.migrate(database, StoreSettings.DEFAULT);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}

package dev.tocsin.stream.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * Gives {@code sensing.reading} and its rollups the shape that TimescaleDB offers, each step only where it is not there
 * yet or is another than the settings say. A table that holds readings stays plain: converting it would lock it for as
 * long as the copying takes, which is for its operator to decide.
 */
final class HypertableShape {
    /** What an operator runs; the next migration finds a hypertable and adds columns, rollups and policies. */
    static final String CONVERT = "select create_hypertable('sensing.reading', by_range('observed_at',"
            + " interval '1 day'), create_default_indexes => false, migrate_data => true)";

    private static final String READING = "'reading'";
    private final Connection connection;
    private final ServerFeatures features;
    private final StoreSettings settings;
    private final List<String> notes;

    HypertableShape(Connection connection, ServerFeatures features, StoreSettings settings, List<String> notes) {
        this.connection = connection;
        this.features = features;
        this.settings = settings;
        this.notes = notes;
    }

    /** In the transaction of the connection; the caller commits. */
    void apply() throws SQLException {
        if (!features.hypertables()) {
            notes.add(
                    features.timescale() == null
                            ? "Plain PostgreSQL: readings are one table, the hourly rollups are views, nothing is"
                                    + " compressed or dropped."
                            : "TimescaleDB " + features.timescale()
                                    + " is older than 2.18 and is used as plain PostgreSQL.");
            return;
        }
        if (!isHypertable() && !createHypertable()) {
            return;
        }
        if (!features.columnstore()) {
            notes.add("TimescaleDB " + features.timescale() + " under licence '" + features.licence()
                    + "': chunks only; compression, the stored rollups and retention need the licence 'timescale'.");
            return;
        }
        columnstore();
        for (Rollup rollup : Rollup.ALL) {
            rollup(rollup);
            refresh(rollup);
        }
        retention();
    }

    private boolean createHypertable() throws SQLException {
        if (exists("select 1 from sensing.reading limit 1")) {
            notes.add("TimescaleDB " + features.timescale() + " is here, but sensing.reading holds readings and stays"
                    + " a plain table with views as its rollups. To convert it, stop the archive job, run " + CONVERT
                    + " as its owner (it locks the table while it copies) and provision again.");
            return false;
        }
        run("select public.create_hypertable('sensing.reading', public.by_range('observed_at', "
                + interval(settings.chunk()) + "), create_default_indexes => false)");
        return true;
    }

    private void columnstore() throws SQLException {
        if (!exists("select 1 from timescaledb_information.hypertables where hypertable_schema = 'sensing'"
                + " and hypertable_name = 'reading' and compression_enabled")) {
            run("alter table sensing.reading set (timescaledb.enable_columnstore,"
                    + " timescaledb.segmentby = 'series', timescaledb.orderby = 'observed_at')");
        }
        Policy compression = new Policy("policy_compression", READING, "compress_after");
        String after = interval(settings.compressAfter());
        if (!exists(compression.isAt(after))) {
            if (exists(compression.exists())) {
                run("call public.remove_columnstore_policy('sensing.reading')");
            }
            run("call public.add_columnstore_policy('sensing.reading', after => " + after + ")");
        }
    }

    private void rollup(Rollup rollup) throws SQLException {
        if (!exists("select 1 from timescaledb_information.continuous_aggregates"
                + " where view_schema = 'sensing' and view_name = '" + rollup.name() + "'")) {
            run("drop view sensing." + rollup.name());
            run("create materialized view sensing." + rollup.name()
                    + " with (timescaledb.continuous, timescaledb.materialized_only = false) as "
                    + rollup.query() + " with no data");
            for (String function : rollup.functions()) {
                run(function);
            }
        }
    }

    /**
     * Old hours are refreshed too when a gateway delivers what an outage left behind; with a retention, only those that
     * cannot have been dropped, or the rollup would forget them as well. For the same reason the span only shrinks:
     * what an earlier retention dropped is not there any more to be summed up again.
     */
    private void refresh(Rollup rollup) throws SQLException {
        Policy refresh = new Policy("policy_refresh_continuous_aggregate", rollup.jobNames(), "start_offset");
        String start = settings.keepsEverything()
                ? "null::interval"
                : interval(settings.retention().minus(settings.chunk()));
        if (exists(refresh.isAt(start))) {
            return;
        }
        if (exists(refresh.isBelow(start))) {
            notes.add("Hours older than an earlier store.retention-days are not summed up again, because their readings"
                    + " may be gone; if they are not, remove the refresh policy of sensing." + rollup.name()
                    + " and provision again.");
            return;
        }
        if (exists(refresh.exists())) {
            run("select public.remove_continuous_aggregate_policy('sensing." + rollup.name() + "')");
        }
        run("select public.add_continuous_aggregate_policy('sensing." + rollup.name() + "', start_offset => " + start
                + ", end_offset => interval '1 hour', schedule_interval => interval '30 minutes')");
    }

    private void retention() throws SQLException {
        Policy retention = new Policy("policy_retention", READING, "drop_after");
        String age = interval(settings.retention());
        if (!settings.keepsEverything() && exists(retention.isAt(age))) {
            return;
        }
        if (exists(retention.exists())) {
            run("select public.remove_retention_policy('sensing.reading')");
        }
        if (!settings.keepsEverything()) {
            run("select public.add_retention_policy('sensing.reading', drop_after => " + age + ")");
        }
    }

    /**
     * A job of TimescaleDB that is done at an age.
     *
     * @param names SQL: what the job's table may be called, by the version of the extension
     * @param key of that age in the job's configuration
     */
    private record Policy(String procedure, String names, String key) {
        String exists() {
            return "select 1 from timescaledb_information.jobs where proc_name = '" + procedure
                    + "' and hypertable_name in (" + names + ")";
        }

        String isAt(String interval) {
            return exists() + " and (config ->> '" + key + "')::interval is not distinct from " + interval;
        }

        /** Where {@code null} is higher than everything. */
        String isBelow(String interval) {
            return exists() + " and (config ->> '" + key + "')::interval < coalesce(" + interval
                    + ", interval '178000000 years')";
        }
    }

    private boolean isHypertable() throws SQLException {
        return exists("select 1 from timescaledb_information.hypertables"
                + " where hypertable_schema = 'sensing' and hypertable_name = 'reading'");
    }

    private static String interval(Duration duration) {
        return "interval '" + duration.toSeconds() + " seconds'";
    }

    private boolean exists(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            return rows.next();
        }
    }

    private void run(String sql) throws SQLException {
        SensingSchema.execute(connection, sql);
    }
}

package dev.tocsin.stream.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * Gives {@code sensing.reading} and its rollup the shape that TimescaleDB offers, each step only where it is not there
 * yet. A table that holds readings stays plain: converting it would lock it for as long as the copying takes, which
 * is for its operator to decide.
 */
final class HypertableShape {
    /** What an operator runs; the next migration finds a hypertable and adds columns, rollup and policies. */
    static final String CONVERT = "select create_hypertable('sensing.reading', by_range('observed_at',"
            + " interval '1 day'), create_default_indexes => false, migrate_data => true)";

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
                            ? "Plain PostgreSQL: readings are one table, the hourly rollup is a view, nothing is"
                                    + " compressed or dropped."
                            : "TimescaleDB " + features.timescale()
                                    + " is older than 2.18 and is used as plain PostgreSQL.");
            return;
        }
        // Two migrations at once: the second waits here and finds everything done.
        run("lock table sensing.series in share row exclusive mode");
        if (!isHypertable() && !createHypertable()) {
            return;
        }
        if (!features.columnstore()) {
            notes.add("TimescaleDB " + features.timescale() + " under licence '" + features.licence()
                    + "': chunks only; compression, the stored rollup and retention need the licence 'timescale'.");
            return;
        }
        columnstore();
        rollup();
        retention();
    }

    private boolean createHypertable() throws SQLException {
        if (exists("select 1 from sensing.reading limit 1")) {
            notes.add("TimescaleDB " + features.timescale() + " is here, but sensing.reading holds readings and stays"
                    + " a plain table with a view as its rollup. To convert it, stop the archive job, run " + CONVERT
                    + " as its owner (it locks the table while it copies) and provision again.");
            return false;
        }
        run("select public.create_hypertable('sensing.reading', public.by_range('observed_at', interval '"
                + seconds(settings.chunk()) + "'), create_default_indexes => false)");
        return true;
    }

    private void columnstore() throws SQLException {
        if (!exists("select 1 from timescaledb_information.hypertables where hypertable_schema = 'sensing'"
                + " and hypertable_name = 'reading' and compression_enabled")) {
            run("alter table sensing.reading set (timescaledb.enable_columnstore,"
                    + " timescaledb.segmentby = 'series', timescaledb.orderby = 'observed_at')");
        }
        if (!exists(policy("policy_compression"))) {
            run("call public.add_columnstore_policy('sensing.reading', after => interval '"
                    + seconds(settings.compressAfter()) + "', if_not_exists => true)");
        }
    }

    private void rollup() throws SQLException {
        if (exists("select 1 from timescaledb_information.continuous_aggregates"
                + " where view_schema = 'sensing' and view_name = 'reading_hour'")) {
            return;
        }
        run("drop view sensing.reading_hour");
        run("""
                create materialized view sensing.reading_hour
                with (timescaledb.continuous, timescaledb.materialized_only = false) as
                select series, public.time_bucket('1 hour', observed_at) as hour, count(*) as n, sum(value) as sum,
                       min(value) as min, max(value) as max, max(quality) as quality
                from sensing.reading group by 1, 2 with no data""");
        // Old hours are refreshed too when a gateway delivers what an outage left behind; with a retention, only
        // those that cannot have been dropped, or the rollup would forget them as well.
        String start = settings.keepsEverything()
                ? "null"
                : "interval '" + seconds(settings.retention().minus(settings.chunk())) + "'";
        run("select public.add_continuous_aggregate_policy('sensing.reading_hour', start_offset => " + start
                + ", end_offset => interval '1 hour', schedule_interval => interval '30 minutes')");
    }

    private void retention() throws SQLException {
        if (exists(policy("policy_retention"))) {
            run("select public.remove_retention_policy('sensing.reading')");
        }
        if (!settings.keepsEverything()) {
            run("select public.add_retention_policy('sensing.reading', drop_after => interval '"
                    + seconds(settings.retention()) + "')");
        }
    }

    private boolean isHypertable() throws SQLException {
        return exists("select 1 from timescaledb_information.hypertables"
                + " where hypertable_schema = 'sensing' and hypertable_name = 'reading'");
    }

    private static String policy(String procedure) {
        return "select 1 from timescaledb_information.jobs where hypertable_schema = 'sensing'"
                + " and hypertable_name = 'reading' and proc_name = '" + procedure + "'";
    }

    private static String seconds(Duration duration) {
        return duration.toSeconds() + " seconds";
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

package dev.tocsin.stream.store;

import java.util.List;

/**
 * An hourly sum of {@code sensing.reading} as a continuous aggregate of TimescaleDB. The migrations have a view of the
 * same name and columns for servers that offer none; a change of one is a change of both.
 *
 * @param name in schema {@code sensing}
 * @param query with nothing but immutable functions, as such an aggregate demands
 * @param functions statements that make functions read the aggregate which until then read the readings
 */
record Rollup(String name, String query, List<String> functions) {
    private static final Rollup READING_HOUR = new Rollup("reading_hour", """
            select series, public.time_bucket('1 hour', observed_at) as hour, count(*) as n,
                   sum(value) as sum, min(value) as min, max(value) as max, max(quality) as quality
            from sensing.reading group by 1, 2""", List.of());

    private static final Rollup QUALITY_HOUR = new Rollup("quality_hour", """
            select series, public.time_bucket('1 hour', observed_at) as hour,
                   count(*)::int4 as n,
                   (count(*) filter (where quality = 0))::int4 as good,
                   (count(*) filter (where quality = 1))::int4 as clock,
                   (count(*) filter (where quality = 2))::int4 as stale,
                   (count(*) filter (where quality = 10))::int4 as out_of_range,
                   (count(*) filter (where quality = 11))::int4 as stuck,
                   (count(*) filter (where quality = 12))::int4 as spike,
                   (count(*) filter (where quality = 13))::int4 as sensor_fault,
                   (count(*) filter (where quality <> 1
                        and received_at - observed_at <= interval '1 second'))::int4 as within_1s,
                   (count(*) filter (where quality <> 1
                        and received_at - observed_at <= interval '10 seconds'))::int4 as within_10s,
                   (count(*) filter (where quality <> 1
                        and received_at - observed_at <= interval '1 minute'))::int4 as within_1m,
                   (count(*) filter (where quality <> 1
                        and received_at - observed_at <= interval '10 minutes'))::int4 as within_10m,
                   (count(*) filter (where quality <> 1
                        and received_at - observed_at <= interval '1 hour'))::int4 as within_1h,
                   min(received_at - observed_at) filter (where quality <> 1) as soonest,
                   max(received_at - observed_at) filter (where quality <> 1) as latest
            from sensing.reading where not replayed group by 1, 2""", List.of("""
            create or replace function sensing.quality_hours(of_series int[], since timestamptz, until timestamptz)
            returns table (
                series int, hour timestamptz, n int, good int, clock int, stale int, out_of_range int, stuck int,
                spike int, sensor_fault int, within_1s int, within_10s int, within_1m int, within_10m int,
                within_1h int, soonest interval, latest interval)
            language sql stable parallel safe
            as $$
                select series, hour, n, good, clock, stale, out_of_range, stuck, spike, sensor_fault, within_1s,
                       within_10s, within_1m, within_10m, within_1h, soonest, latest
                from sensing.quality_hour h
                where h.series = any (of_series) and h.hour >= since and h.hour < until
            $$"""));

    static final List<Rollup> ALL = List.of(READING_HOUR, QUALITY_HOUR);

    /** SQL: what the table of TimescaleDB's jobs may call it, by the version of the extension. */
    String jobNames() {
        return "'" + name + "', (select materialization_hypertable_name"
                + " from timescaledb_information.continuous_aggregates"
                + " where view_schema = 'sensing' and view_name = '" + name + "')";
    }
}

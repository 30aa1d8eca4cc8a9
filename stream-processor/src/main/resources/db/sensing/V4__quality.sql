-- How often a healthy device of each profile reports, so that what is missing can be counted. The built-in profiles
-- are written by each migration, the site's own by the archive job from the retained profile topics; of one id the
-- site's goes first.
create table sensing.profile (
    id                 text not null,
    site               bool not null,
    version            int  not null,
    -- 0 where only events make the device talk
    report_interval_ms int8 not null,
    primary key (id, site)
);

-- How good the readings of each series and hour are. Recordings that were played say nothing about a device and are
-- left out. Counts of n are by quality code, and of those whose device clock was right by how late they were received:
-- within_10s includes within_1s, and all of them together are n - clock. A server with continuous aggregates gets one
-- of the same name and columns in this view's place.
create view sensing.quality_hour as
select series,
       date_bin('1 hour', observed_at, 'epoch')         as hour,
       count(*)::int4                                   as n,
       (count(*) filter (where quality = 0))::int4      as good,
       (count(*) filter (where quality = 1))::int4      as clock,
       (count(*) filter (where quality = 2))::int4      as stale,
       (count(*) filter (where quality = 10))::int4     as out_of_range,
       (count(*) filter (where quality = 11))::int4     as stuck,
       (count(*) filter (where quality = 12))::int4     as spike,
       (count(*) filter (where quality = 13))::int4     as sensor_fault,
       (count(*) filter (where quality <> 1 and received_at - observed_at <= interval '1 second'))::int4   as within_1s,
       (count(*) filter (where quality <> 1 and received_at - observed_at <= interval '10 seconds'))::int4 as within_10s,
       (count(*) filter (where quality <> 1 and received_at - observed_at <= interval '1 minute'))::int4   as within_1m,
       (count(*) filter (where quality <> 1 and received_at - observed_at <= interval '10 minutes'))::int4 as within_10m,
       (count(*) filter (where quality <> 1 and received_at - observed_at <= interval '1 hour'))::int4     as within_1h,
       min(received_at - observed_at) filter (where quality <> 1)                                          as soonest,
       max(received_at - observed_at) filter (where quality <> 1)                                          as latest
from sensing.reading
where not replayed
group by 1, 2;

-- The hours of some series that begin in [since, until). Here it reads the readings by their index, which the view
-- cannot: its hour is the result of a function. Where the rollup is stored, this reads the rollup.
create function sensing.quality_hours(of_series int[], since timestamptz, until timestamptz)
returns table (
    series int, hour timestamptz, n int, good int, clock int, stale int, out_of_range int, stuck int, spike int,
    sensor_fault int, within_1s int, within_10s int, within_1m int, within_10m int, within_1h int,
    soonest interval, latest interval)
language sql stable parallel safe
as $$
    select series,
           date_bin('1 hour', observed_at, 'epoch'),
           count(*)::int4,
           (count(*) filter (where quality = 0))::int4,
           (count(*) filter (where quality = 1))::int4,
           (count(*) filter (where quality = 2))::int4,
           (count(*) filter (where quality = 10))::int4,
           (count(*) filter (where quality = 11))::int4,
           (count(*) filter (where quality = 12))::int4,
           (count(*) filter (where quality = 13))::int4,
           (count(*) filter (where quality <> 1 and received_at - observed_at <= interval '1 second'))::int4,
           (count(*) filter (where quality <> 1 and received_at - observed_at <= interval '10 seconds'))::int4,
           (count(*) filter (where quality <> 1 and received_at - observed_at <= interval '1 minute'))::int4,
           (count(*) filter (where quality <> 1 and received_at - observed_at <= interval '10 minutes'))::int4,
           (count(*) filter (where quality <> 1 and received_at - observed_at <= interval '1 hour'))::int4,
           min(received_at - observed_at) filter (where quality <> 1),
           max(received_at - observed_at) filter (where quality <> 1)
    from sensing.reading
    where series = any (of_series)
      and observed_at >= date_bin('1 hour', since + interval '1 hour' - interval '1 microsecond', 'epoch')
      and observed_at < date_bin('1 hour', until + interval '1 hour' - interval '1 microsecond', 'epoch')
      and not replayed
    group by 1, 2
$$;
revoke execute on function sensing.quality_hours(int[], timestamptz, timestamptz) from public;

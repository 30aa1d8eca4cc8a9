-- What readers of the schema call. Functions run as the schema's owner, so that a reader needs no right on
-- sensing.reading itself.

-- Readings of one metric of one device in [since, until), oldest first, at most `points` of them.
--
-- Where no more than `points` were stored, they are returned as they are, of two values of one instant the one
-- received last. Otherwise the span is cut into equal buckets and each that holds readings becomes a point at its
-- middle: value is the mean, min and max are kept, n counts the readings and quality is the worst code among them.
-- Buckets of an hour or more are read from the hourly rollup, the broken hours at both ends from the readings, so
-- the result is the same as from the readings alone.
create or replace function sensing.readings_of(
    of_device text, of_metric text, since timestamptz, until timestamptz, points int)
returns table (at timestamptz, value float8, min float8, max float8, n int8, quality int2)
language plpgsql stable security definer set search_path = sensing, pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    hour_long constant interval := '1 hour';
    which     int;
    stored    int8;
    width     interval;
    origin    timestamptz;
    hours_from timestamptz;
    hours_to   timestamptz;
begin
    if points is null or points < 1 or points > 100000 then
        raise exception 'points is %, it must be 1 to 100000', points using errcode = '22023';
    end if;
    select s.id into which from sensing.series s where s.device = of_device and s.metric = of_metric;
    if which is null or since >= until then
        return;
    end if;

    select count(*) into stored from (
        select 1 from sensing.reading r
        where r.series = which and r.observed_at >= since and r.observed_at < until
        limit points + 1) few;
    if stored <= points then
        return query
            select distinct on (r.observed_at) r.observed_at, r.value, r.value, r.value, 1::int8, r.quality
            from sensing.reading r
            where r.series = which and r.observed_at >= since and r.observed_at < until
            order by r.observed_at, r.received_at desc;
        return;
    end if;

    if until - since < points * hour_long then
        width := ceil(extract(epoch from until - since) * 1000000 / points)::int8 * interval '1 microsecond';
        return query
            select least(b.start + width / 2, until), sum(b.value) / count(*), min(b.value), max(b.value), count(*),
                   max(b.quality)
            from (select date_bin(width, r.observed_at, since) as start, r.value, r.quality
                  from sensing.reading r
                  where r.series = which and r.observed_at >= since and r.observed_at < until) b
            group by b.start
            order by b.start;
        return;
    end if;

    origin := date_bin(hour_long, since, 'epoch');
    width := ceil(extract(epoch from until - origin) / 3600 / points)::int8 * hour_long;
    hours_from := case when origin = since then origin else origin + hour_long end;
    hours_to := date_bin(hour_long, until, 'epoch');
    return query
        select least(greatest(b.start + width / 2, since), until), sum(b.sum) / sum(b.n)::int8, min(b.min), max(b.max),
               sum(b.n)::int8, max(b.quality)
        from (select date_bin(width, h.hour, origin) as start, h.n, h.sum, h.min, h.max, h.quality
              from sensing.reading_hour h
              where h.series = which and h.hour >= hours_from and h.hour < hours_to
              union all
              select date_bin(width, r.observed_at, origin), 1, r.value, r.value, r.value, r.quality
              from sensing.reading r
              where r.series = which and r.observed_at >= since and r.observed_at < hours_from
              union all
              select date_bin(width, r.observed_at, origin), 1, r.value, r.value, r.value, r.quality
              from sensing.reading r
              where r.series = which and r.observed_at >= hours_to and r.observed_at < until) b
        group by b.start
        order by b.start;
end
$$;

-- The newest reading of every series.
create or replace view sensing.latest as
select s.device, s.metric, s.profile, s.gateway, l.observed_at, l.received_at, l.value, l.quality
from sensing.series s
join sensing.last_value l on l.series = s.id;

-- The smallest of 1 s, 10 s, 1 min, 10 min, 1 h and the largest latency within which `share` of the readings came, in
-- seconds; null where there is none.
create or replace function sensing.latency_at_most(share float8, within int8[], total int8, largest float8)
returns float8
language sql immutable parallel safe
as $$
    select case when total > 0 then least(largest, (
        select min(edge) from unnest(within, array[1, 10, 60, 600, 3600]) as b(n, edge) where b.n >= share * total)) end
$$;

-- How good the data of one device were on each day from `first_day` to `last_day`, days of the time zone `zone`: a row
-- for each day that had begun and was not over before the device was first heard.
--
-- received: reports, counted by the metric that most of them hold. expected: by the report interval of the device's
-- profile, from the device's first reading on and until now, null where the profile names none, or less than one was
-- due. completeness: 0 to 1; an hour counts for no more than one report above what was due in it, so that an hour of
-- alarm does not make up for an hour of silence. n: readings of all metrics, and how many of each quality; validity:
-- the good ones of them, 0 to 1. Latency, in seconds from the reading to the gateway, of those whose device clock was
-- right: nine in ten were received within p90_s; bounds of the store's buckets, with the extremes exact.
--
-- An hour belongs to the day in which it begins, which matters where the zone is off UTC by half an hour.
create or replace function sensing.quality_of(of_device text, first_day date, last_day date, zone text default 'UTC')
returns table (
    day date, received int8, expected int8, completeness float8, n int8, good int8, clock int8, stale int8,
    out_of_range int8, stuck int8, spike int8, sensor_fault int8, validity float8, p50_s float8, p90_s float8,
    p99_s float8, soonest_s float8, latest_s float8)
language plpgsql stable security definer set search_path = sensing, pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    days_at_once constant int := 366;
    of_series  int[];
    interval_s float8;
    since      timestamptz;
    until      timestamptz;
    began      timestamptz;
begin
    if first_day is null or last_day is null or last_day < first_day or last_day - first_day >= days_at_once then
        raise exception 'the days % to % are not 1 to % days in a row', first_day, last_day, days_at_once
            using errcode = '22023';
    end if;
    since := first_day::timestamp at time zone zone;
    until := (last_day + 1)::timestamp at time zone zone;
    select array_agg(s.id) into of_series from sensing.series s where s.device = of_device;
    if of_series is null then
        return;
    end if;
    -- The profile that the device was read under last.
    select nullif(p.report_interval_ms, 0) / 1000.0 into interval_s
    from sensing.series s
    join sensing.last_value l on l.series = s.id
    join sensing.profile p on p.id = s.profile
    where s.device = of_device
    order by l.observed_at desc, p.site desc
    limit 1;
    select min(f.at) into began
    from unnest(of_series) s(id)
    cross join lateral (
        select r.observed_at as at from sensing.reading r
        where r.series = s.id and not r.replayed
        order by r.observed_at
        limit 1) f;

    return query
        with hourly as (
            select h.hour, max(h.n) as reports, sum(h.n) as n, sum(h.good) as good, sum(h.clock) as clock,
                   sum(h.stale) as stale, sum(h.out_of_range) as out_of_range, sum(h.stuck) as stuck,
                   sum(h.spike) as spike, sum(h.sensor_fault) as sensor_fault, sum(h.within_1s) as within_1s,
                   sum(h.within_10s) as within_10s, sum(h.within_1m) as within_1m, sum(h.within_10m) as within_10m,
                   sum(h.within_1h) as within_1h, min(h.soonest) as soonest, max(h.latest) as latest
            from sensing.quality_hours(of_series, since, until) h
            group by h.hour),
        daily as (
            select (h.hour at time zone zone)::date as day, min(h.hour) as first_hour, sum(h.reports)::int8 as reports,
                   sum(least(h.reports, 3600 / interval_s + 1)) as counted, sum(h.n)::int8 as n,
                   sum(h.good)::int8 as good, sum(h.clock)::int8 as clock, sum(h.stale)::int8 as stale,
                   sum(h.out_of_range)::int8 as out_of_range, sum(h.stuck)::int8 as stuck, sum(h.spike)::int8 as spike,
                   sum(h.sensor_fault)::int8 as sensor_fault,
                   array[sum(h.within_1s), sum(h.within_10s), sum(h.within_1m), sum(h.within_10m),
                         sum(h.within_1h)]::int8[] as within,
                   extract(epoch from min(h.soonest))::float8 as soonest_s,
                   extract(epoch from max(h.latest))::float8 as latest_s
            from hourly h
            group by 1),
        -- Readings that a retention dropped are still in the rollup.
        heard as (
            select coalesce(case when began - interval '1 hour' < min(first_hour) then began else min(first_hour) end,
                            began) as at
            from daily),
        days as (
            select d::date as day, d at time zone zone as starts, (d + interval '1 day') at time zone zone as ends
            from generate_series(first_day::timestamp, last_day::timestamp, interval '1 day') d),
        due as (
            select d.day, floor(extract(epoch from least(d.ends, now()) - greatest(d.starts, heard.at))
                                / interval_s)::int8 as reports
            from days d, heard
            where d.ends > heard.at and d.starts < now())
        select due.day, coalesce(q.reports, 0), nullif(due.reports, 0),
               case when due.reports > 0 then least(1, coalesce(q.counted, 0) / due.reports) end, coalesce(q.n, 0),
               coalesce(q.good, 0), coalesce(q.clock, 0), coalesce(q.stale, 0), coalesce(q.out_of_range, 0), coalesce(q.stuck, 0),
               coalesce(q.spike, 0), coalesce(q.sensor_fault, 0), q.good / nullif(q.n, 0)::float8,
               sensing.latency_at_most(0.5, q.within, q.n - q.clock, q.latest_s),
               sensing.latency_at_most(0.9, q.within, q.n - q.clock, q.latest_s),
               sensing.latency_at_most(0.99, q.within, q.n - q.clock, q.latest_s),
               q.soonest_s, q.latest_s
        from due
        left join daily q on q.day = due.day
        order by due.day;
end
$$;

-- The tables of schema sensing that the API reads; their owner is the stream processor.
create schema sensing;
create table sensing.series (
    id int generated always as identity primary key,
    gateway text not null, device text not null, metric text not null, profile text not null,
    unique (device, metric)
);
create table sensing.reading (
    observed_at timestamptz not null, received_at timestamptz not null, value float8 not null,
    series int not null, quality int2 not null, replayed bool not null
);
create table sensing.last_value (
    series int primary key, observed_at timestamptz not null, received_at timestamptz not null,
    value float8 not null, quality int2 not null
);
create table sensing.alert (
    id text primary key, revision int8 not null, state text not null, rule text not null, kind text not null,
    severity text not null, gateway text not null, device text not null, area text not null,
    onset timestamptz not null, updated timestamptz not null, cleared timestamptz,
    late bool not null, drill bool not null, body jsonb not null
);
create index alert_active on sensing.alert (onset desc) where state = 'ACTIVE';
create index alert_cleared on sensing.alert (revision desc) where state = 'CLEARED';
create table sensing.rejected (
    id text primary key, gateway text not null, source text not null, device text, reason text not null,
    detail text not null, raw bytea not null, received_at timestamptz not null
);
-- As the stream processor's, without its rollup.
create function sensing.readings_of(
    of_device text, of_metric text, since timestamptz, until timestamptz, points int)
returns table (at timestamptz, value float8, min float8, max float8, n int8, quality int2)
language sql stable as $$
    select min(r.observed_at), avg(r.value), min(r.value), max(r.value), count(*), max(r.quality)
    from (select r.*, ntile(points) over (order by r.observed_at) as bucket
          from sensing.reading r join sensing.series s on s.id = r.series
          where s.device = of_device and s.metric = of_metric
            and r.observed_at >= since and r.observed_at < until) r
    group by r.bucket
    order by 1
$$;
-- As the stream processor's: the counts of a day; twice what came was due. The time zone data lack Antarctica/Troll.
create function sensing.quality_of(of_device text, first_day date, last_day date, zone text)
returns table (
    day date, received int8, expected int8, completeness float8, n int8, good int8, clock int8, stale int8,
    out_of_range int8, stuck int8, spike int8, sensor_fault int8, validity float8, p50_s float8, p90_s float8,
    p99_s float8, soonest_s float8, latest_s float8)
language sql stable as $$
    select d::date, count(r), nullif(count(r), 0) * 2, case when count(r) > 0 then 0.5 end, count(r),
           count(*) filter (where quality = 0), count(*) filter (where quality = 1),
           count(*) filter (where quality = 2), count(*) filter (where quality = 10),
           count(*) filter (where quality = 11), count(*) filter (where quality = 12),
           count(*) filter (where quality = 13), avg((quality = 0)::int), max(late), max(late), max(late), min(late),
           max(late)
    from replace(zone, 'Antarctica/Troll', 'unheard of') known,
         generate_series(first_day::timestamp at time zone known at time zone known, last_day::timestamp, interval '1 day') d
    left join lateral (
        select r.quality, date_part('epoch', received_at - observed_at) as late
        from sensing.reading r join sensing.series s on s.id = r.series
        where s.device = of_device and (observed_at at time zone known)::date = d::date) r on true
    group by 1
$$;

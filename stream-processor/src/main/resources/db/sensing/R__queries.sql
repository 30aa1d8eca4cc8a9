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

-- Schema sensing: what the stream stores. Owned by the stream processor; everybody else reads through
-- the views and functions of R__queries.sql. The same tables stand on PostgreSQL and on TimescaleDB.

-- The texts of a reading, once; rows carry the id.
create table sensing.series (
    id      int generated always as identity primary key,
    gateway text not null,
    device  text not null,
    metric  text not null,
    profile text not null,
    unique (device, metric)
);

-- No unique index: the ledger makes a replay harmless, so COPY never meets a conflict and a server that can
-- compress while copying may do so. Columns stand widest first, which saves 8 bytes of padding a row.
create table sensing.reading (
    observed_at timestamptz not null,
    received_at timestamptz not null,
    value       float8      not null,
    series      int         not null,
    quality     int2        not null,
    replayed    bool        not null,
    constraint value_is_finite check (value > '-Infinity' and value < 'Infinity')
);
create index reading_series_observed_at on sensing.reading (series, observed_at);

-- Which sequences of which spool are in sensing.reading, written in the transaction that wrote them.
-- Rows are rewritten at every flush: half-empty pages let that happen in place.
create table sensing.ledger (
    gateway text           not null,
    epoch   text           not null,
    held    int8multirange not null default '{}',
    primary key (gateway, epoch)
) with (fillfactor = 50);

create table sensing.last_value (
    series      int primary key,
    observed_at timestamptz not null,
    received_at timestamptz not null,
    value       float8      not null,
    quality     int2        not null
) with (fillfactor = 70);

create table sensing.alert (
    id       text primary key,
    revision int8        not null,
    state    text        not null,
    rule     text        not null,
    kind     text        not null,
    severity text        not null,
    gateway  text        not null,
    device   text        not null,
    area     text        not null,
    onset    timestamptz not null,
    updated  timestamptz not null,
    cleared  timestamptz,
    late     bool        not null,
    drill    bool        not null,
    body     jsonb       not null
);
create index alert_onset on sensing.alert (onset desc, id);
create index alert_device on sensing.alert (device, onset desc);
create index alert_active on sensing.alert (onset desc) where state = 'ACTIVE';

create table sensing.rejected (
    id          text primary key,
    gateway     text        not null,
    source      text        not null,
    device      text,
    reason      text        not null,
    detail      text        not null,
    raw         bytea       not null,
    received_at timestamptz not null
);
create index rejected_received_at on sensing.rejected (received_at desc, id);

-- A server with continuous aggregates gets one of the same name and columns in its place.
-- quality is the worst code of the hour.
create view sensing.reading_hour as
select series,
       date_bin('1 hour', observed_at, 'epoch') as hour,
       count(*)                                 as n,
       sum(value)                               as sum,
       min(value)                               as min,
       max(value)                               as max,
       max(quality)                             as quality
from sensing.reading
group by 1, 2;

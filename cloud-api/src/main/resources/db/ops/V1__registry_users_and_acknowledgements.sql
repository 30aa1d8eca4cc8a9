-- Schema ops: what people decide. Owned by the cloud API; what machines saw stands in schema sensing.

create table ops.area (
    id      text primary key,
    parent  text references ops.area,
    name_en text not null,
    name_zh text not null
);

-- Versions of the published states: they only grow, also over a new database (at least the milliseconds of the
-- change), because a retained state of a lower version is ignored by whoever holds a higher one.
create table ops.published (
    state   text primary key,
    version int8 not null
);

create table ops.gateway (
    id        text primary key,
    name      text not null,
    area      text not null references ops.area,
    place     text not null,
    latitude  float8 check (latitude between -90 and 90),
    longitude float8 check (longitude between -180 and 180),
    enrolment text not null check (enrolment in ('OPEN', 'CLOSED'))
);

-- A device without an area of its own stands where its gateway stands.
create table ops.device (
    id          text primary key,
    gateway     text not null references ops.gateway,
    profile     text not null,
    name        text not null,
    area        text references ops.area,
    place       text not null,
    latitude    float8 check (latitude between -90 and 90),
    longitude   float8 check (longitude between -180 and 180),
    enrolled_by text not null,
    enrolled_at timestamptz not null
);
create index device_gateway on ops.device (gateway);

create table ops.seen (
    gateway  text not null,
    device   text not null,
    profile  text not null,
    accepted bool not null,
    at       timestamptz not null,
    primary key (gateway, device)
);
create index seen_at on ops.seen (at desc);

create table ops.app_user (
    name          text primary key,
    display_name  text not null,
    role          text not null check (role in ('DUTY_OFFICER', 'CREW', 'ADMINISTRATOR')),
    language      text not null check (language in ('zh-CN', 'en')),
    active        bool not null,
    password      text not null,
    last_login_at timestamptz
);

-- The cookie's token itself is nowhere in the database.
create table ops.session (
    token_sha256 bytea primary key,
    user_name    text not null references ops.app_user,
    csrf         text not null,
    created_at   timestamptz not null,
    last_used_at timestamptz not null
);
create index session_user_name on ops.session (user_name);

create table ops.acknowledgement (
    id           int8 generated always as identity primary key,
    alert        text not null,
    action       text not null check (action in ('acknowledge', 'undo')),
    revision     int8 not null,
    user_name    text not null,
    display_name text not null,
    at           timestamptz not null
);
create index acknowledgement_alert on ops.acknowledgement (alert, id desc);

create table ops.audit (
    id      int8 generated always as identity primary key,
    at      timestamptz not null,
    actor   text not null,
    source  text not null,
    action  text not null,
    subject text not null,
    detail  text not null
);
create index audit_at on ops.audit (at desc);

create function ops.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '%.% is only ever appended to', tg_table_schema, tg_table_name using errcode = '42501';
end
$$;

create trigger append_only before update or delete or truncate on ops.acknowledgement
    for each statement execute function ops.refuse_change();
create trigger append_only before update or delete or truncate on ops.audit
    for each statement execute function ops.refuse_change();

-- What people asked a gateway to do, and what it said of it.
create table ops.command (
    id           text primary key,
    gateway      text not null,
    device       text,
    kind         text not null,
    arguments    jsonb not null,
    issued       timestamptz not null,
    deadline     timestamptz not null,
    user_name    text not null,
    display_name text not null,
    state        text not null check (state in ('WAITING', 'ACCEPTED', 'DONE', 'FAILED', 'EXPIRED')),
    text_en      text,
    text_zh      text,
    data         jsonb,
    replied_at   timestamptz -- by the gateway's clock
);
create index command_gateway on ops.command (gateway, issued desc, id);
create index command_device on ops.command (device, issued desc, id) where device is not null;
create index command_waiting on ops.command (deadline) where state = 'WAITING';

-- Every version of the settings of every gateway; the newest counts. A version is at least the milliseconds of the
-- change, so that it grows over a new database too.
create table ops.gateway_settings (
    gateway      text not null references ops.gateway,
    version      int8 not null,
    body         text not null, -- as it was written; empty for none
    user_name    text not null,
    display_name text not null,
    at           timestamptz not null,
    primary key (gateway, version)
);

create trigger append_only before update or delete or truncate on ops.gateway_settings
    for each statement execute function ops.refuse_change();

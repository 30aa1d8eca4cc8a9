-- Signed bundles of the edge agent that were uploaded; the files themselves are in the API's data folder.
create table ops.agent_bundle (
    version         text primary key,
    serial          int8 not null,
    from_version    text not null, -- the lowest that it replaces
    allow_downgrade boolean not null,
    size            int8 not null,
    sha256          text not null,
    user_name       text not null,
    display_name    text not null,
    at              timestamptz not null
);

-- Which version was ordered for which gateway; the newest of a gateway holds.
create table ops.agent_update (
    id           int8 generated always as identity primary key,
    gateway      text not null,
    version      text not null,
    size         int8 not null,
    sha256       text not null,
    user_name    text not null,
    display_name text not null,
    at           timestamptz not null
);
create index agent_update_gateway on ops.agent_update (gateway, id desc);

create trigger append_only before update or delete or truncate on ops.agent_update
    for each statement execute function ops.refuse_change();

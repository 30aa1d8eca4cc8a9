-- Every version of every rule set that ever was in force; the newest of an id says how it stands. One counter for all of
-- them, so that the version that an alert names tells which rule set had the last word.
create table ops.rule_set (
    version      int4 primary key check (version >= 1000000),
    id           text not null,
    body         text not null, -- as it was written; empty where the set was ended
    user_name    text not null,
    display_name text not null,
    at           timestamptz not null
);
create index rule_set_id on ops.rule_set (id, version desc);

create trigger append_only before update or delete or truncate on ops.rule_set
    for each statement execute function ops.refuse_change();

-- Whether the last value comes from a recording that was played: a measured one goes before it, however old.
alter table sensing.last_value add column replayed bool not null default false;

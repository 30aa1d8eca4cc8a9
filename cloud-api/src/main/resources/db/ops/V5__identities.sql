-- Who a gateway and a device are. Neither a token nor a password is here, only what tells a right one from a wrong one.

-- One open token a gateway; the next one replaces it.
create table ops.enrolment_token (
    gateway      text primary key references ops.gateway,
    token_sha256 bytea not null,
    created_by   text not null,
    created_at   timestamptz not null,
    expires_at   timestamptz not null,
    -- Of the key that used it: an answer that was lost on its way is given again, to the same key alone.
    used_by_key  bytea
);

create table ops.gateway_certificate (
    serial     numeric(39) primary key,
    gateway    text not null references ops.gateway,
    key_sha256 bytea not null,
    how        text not null check (how in ('ENROLLED', 'RENEWED')),
    issued_at  timestamptz not null,
    not_after  timestamptz not null,
    revoked_at timestamptz
);
create index gateway_certificate_gateway on ops.gateway_certificate (gateway, issued_at desc);

-- The last one of each gateway: what it had until then, certificates and password, is of no use any more.
create table ops.gateway_revocation (
    gateway    text primary key references ops.gateway,
    revoked_by text not null,
    revoked_at timestamptz not null
);

create table ops.device_credential (
    device  text primary key references ops.device,
    hash    text not null,
    made_by text not null,
    made_at timestamptz not null
);

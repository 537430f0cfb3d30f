-- What an organisation knows of the links in its messages.
create table links (
    org_id uuid not null references orgs on delete cascade,
    -- SHA-256 of the address: addresses may be longer than an index takes.
    hash bytea not null,
    url text not null,
    -- Null until the first answer. Stays while it is being learned again.
    facts jsonb,
    -- Who asks takes the row until then, so that one node asks, once.
    claimed_until bigint not null,
    -- When it is to be learned again.
    expires_at bigint not null default 0,
    constraint links_pkey primary key (org_id, hash)
);
create index links_expires_idx on links (expires_at);

-- Pictures of other sites that are kept for a while, so that those sites do not learn who looks at them.
create table proxied (
    org_id uuid not null references orgs on delete cascade,
    hash bytea not null,
    -- Where it lies in the storage.
    object_id uuid not null,
    mime text not null,
    expires_at bigint not null,
    constraint proxied_pkey primary key (org_id, hash)
);
create index proxied_expires_idx on proxied (expires_at);

-- From where an account logged in: digests of addresses and of phones, some of each account. Wrong passwords from one of
-- these are counted for it alone, so that strangers lock nobody out of where they always are.
create table known_places (
    user_id uuid not null references users on delete cascade,
    digest bytea not null,
    used_at bigint not null default now_ms(),
    primary key (user_id, digest)
);

-- Personal access tokens. Of the secret only the SHA-256 is kept: it has 128 random bits, so that nobody finds it by
-- trying and it needs no slow hash.
create table access_tokens (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    hash bytea not null constraint access_tokens_hash_key unique,
    description text not null,
    active boolean not null default true,
    create_at bigint not null default now_ms(),
    expires_at bigint not null default 0
);
create index access_tokens_user_idx on access_tokens (user_id, create_at desc);

-- The session in which a token is used: one at a time, made when it is used first. Everything that knows sessions (open
-- sockets, revocation, lists) so knows tokens.
alter table sessions add column token_id uuid references access_tokens on delete cascade;
create unique index sessions_token_key on sessions (token_id);

alter table users add column email_verified boolean not null default false;

-- What was mailed to somebody to prove that the address is theirs. Only a digest is kept; whoever presents the token
-- takes the row away, so each works once.
create table mailed_tokens (
    digest bytea primary key,
    user_id uuid not null references users on delete cascade,
    purpose text not null constraint mailed_tokens_purpose_check check (purpose in ('reset', 'verify')),
    -- To which address it went, in lower case.
    email text not null,
    create_at bigint not null default now_ms(),
    expires_at bigint not null
);
create index mailed_tokens_user_idx on mailed_tokens (user_id, purpose);
create index mailed_tokens_expires_idx on mailed_tokens (expires_at);

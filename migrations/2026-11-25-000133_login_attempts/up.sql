-- Wrong passwords in a row, for all nodes together. Whose they are is a hash: what people type as a name is sometimes
-- their password. Not logged to disk, since the count is worth less than a disk flush at every login: after a crash of the
-- database the counts begin anew.
create unlogged table login_attempts (
    whose bytea primary key,
    count integer not null,
    since bigint not null
);
create index login_attempts_since_idx on login_attempts (since);

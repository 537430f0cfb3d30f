alter table users add column mfa_active boolean not null default false;

-- The secrets of a second factor, encrypted. One that was made and not yet proven to be in somebody's phone is pending:
-- until it is, the one before it counts.
create table second_factors (
    user_id uuid primary key references users on delete cascade,
    secret bytea,
    pending bytea,
    -- The time step of the newest code that was used: none counts twice.
    last_step bigint not null default 0
);

-- Digests of the codes that stand in for a lost phone. A used one is gone.
create table recovery_codes (
    user_id uuid not null references users on delete cascade,
    digest bytea not null,
    primary key (user_id, digest)
);

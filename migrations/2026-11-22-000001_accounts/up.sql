-- Times are milliseconds since 1970, 0 for never, as on the wire. The database's clock stamps rows, so that many nodes
-- agree about what came first.
create function now_ms() returns bigint language sql volatile as
$$ select (extract(epoch from clock_timestamp()) * 1000)::bigint $$;

create table orgs (
    id uuid primary key,
    slug text not null constraint orgs_slug_key unique,
    name text not null,
    create_at bigint not null default now_ms(),
    update_at bigint not null default now_ms()
);

create table users (
    id uuid primary key,
    org_id uuid not null references orgs on delete cascade,
    username text not null,
    email text not null,
    password_hash text not null,
    nickname text not null default '',
    first_name text not null default '',
    last_name text not null default '',
    position text not null default '',
    roles text not null default 'system_user',
    locale text not null default 'en',
    props jsonb not null default '{}',
    notify_props jsonb not null,
    timezone jsonb not null,
    create_at bigint not null default now_ms(),
    update_at bigint not null default now_ms(),
    delete_at bigint not null default 0,
    last_password_update bigint not null default now_ms(),
    constraint users_username_key unique (org_id, username),
    constraint users_email_key unique (org_id, email)
);

-- "The first account becomes its administrator": two that come at once must not both be first, and an organisation has
-- one founder for ever. The insert is the check.
create table founders (
    org_id uuid primary key references orgs on delete cascade,
    user_id uuid not null references users on delete cascade
);

create table sessions (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    csrf text not null,
    device_id text not null default '',
    props jsonb not null default '{}',
    create_at bigint not null default now_ms(),
    expires_at bigint not null,
    last_activity_at bigint not null default now_ms()
);
create index sessions_user_idx on sessions (user_id);

-- A status that somebody chose. Who did not choose is online while connected, which is known without a row.
create table statuses (
    user_id uuid primary key references users on delete cascade,
    status text not null constraint statuses_status_check check (status in ('online', 'away', 'dnd', 'offline')),
    manual boolean not null,
    last_activity_at bigint not null default now_ms(),
    dnd_end_time bigint not null default 0
);

create table preferences (
    user_id uuid not null references users on delete cascade,
    category text not null,
    name text not null,
    value text not null,
    primary key (user_id, category, name)
);

create table audits (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    session_id uuid,
    action text not null,
    extra_info text not null,
    ip_address text not null,
    create_at bigint not null default now_ms()
);
create index audits_user_idx on audits (user_id, create_at desc);

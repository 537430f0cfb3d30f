-- What is asked for now and done later. A task is inserted in the transaction that asks for it, leased by the node that
-- does it, and its row goes when it is done. One that failed for the last time stays as a dead letter.
create table tasks (
    id uuid primary key,
    kind text not null,
    payload jsonb not null,
    -- The organisation on whose behalf; none for the deployment's own.
    org_id uuid references orgs on delete cascade,
    -- Of living tasks of a kind one has this key.
    unique_key text,
    -- Due from then on, in milliseconds.
    not_before bigint not null default now_ms(),
    -- How often it was leased; counted before the work, so that a task that ends its node is counted too.
    attempts integer not null default 0,
    -- Nobody else takes it until then. Not indexed, so that a lease changes no index.
    leased_until bigint not null default 0,
    leased_by uuid,
    last_error text not null default '',
    create_at bigint not null default now_ms(),
    -- When it failed for the last time; 0 while it lives.
    died_at bigint not null default 0
) with (
    -- Each row is changed once and deleted: room for the second version on its page, vacuum after some thousand rows,
    -- and pages are kept, because they are soon needed again.
    fillfactor = 50,
    vacuum_truncate = false,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_insert_threshold = -1,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0.1,
    autovacuum_analyze_threshold = 500
);
-- Tasks are claimed by kind, since each kind has its own number of places: what waits of one kind, or waits for its
-- time, is never read through for the sake of another.
create index tasks_due_idx on tasks (kind, not_before, id) where died_at = 0;
create unique index tasks_unique_key on tasks (kind, unique_key) where died_at = 0 and unique_key is not null;
create index tasks_org_idx on tasks (org_id, kind) where org_id is not null;
create index tasks_dead_idx on tasks (died_at, id) where died_at > 0;

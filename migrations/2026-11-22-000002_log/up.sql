-- The log: every durable event is a numbered row, committed with the change that it tells of. The counter's row is
-- locked until the commit, so numbers have no gaps and commit order is number order.
create table topics (
    id uuid primary key,
    seq bigint not null default 0
) with (fillfactor = 50); -- counters change all the time: leave room for updates within the page

-- Partitioned by day: old events go by dropping a table, not row by row. The key must contain the partition column;
-- the counter makes (topic, seq) unique.
create table events (
    topic uuid not null,
    seq bigint not null,
    frame text not null,
    created_at timestamptz not null default now(),
    primary key (topic, seq, created_at)
) partition by range (created_at);

-- Whatever no daily partition takes: an insert never fails because a job was late.
create table events_default partition of events default;

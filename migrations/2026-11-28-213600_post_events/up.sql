-- Where in the log events lie that show a post again (edits, pins, what its links lead to), so that what it said can be
-- taken out of them once it is deleted. The first event of a post, which every post has, is found by the order of posts
-- and costs nothing here. Rows go when the log is as old; a post of before this table lies in none.
create table post_events (
    post_id uuid not null,
    seq bigint not null,
    created_at timestamptz not null default now(),
    primary key (post_id, seq)
);
create index post_events_created_at_idx on post_events (created_at);

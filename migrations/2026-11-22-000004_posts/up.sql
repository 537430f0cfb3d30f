create table posts (
    id uuid primary key,
    channel_id uuid not null references channels on delete cascade,
    -- Its place in the channel, without gaps.
    seq bigint not null,
    user_id uuid not null references users on delete cascade,
    root_id uuid references posts on delete cascade,
    kind text not null default '',
    message text not null,
    props jsonb not null default '{}',
    hashtags text not null default '',
    pending_post_id text not null default '',
    -- Whether it mentions everybody: marking as unread counts these again.
    mentions_all boolean not null default false,
    -- Who is mentioned by name, for the same reason.
    mentions uuid[] not null default '{}',
    is_pinned boolean not null default false,
    has_reactions boolean not null default false,
    reply_count bigint not null default 0,
    last_reply_at bigint not null default 0,
    create_at bigint not null,
    update_at bigint not null,
    edit_at bigint not null default 0,
    delete_at bigint not null default 0,
    constraint posts_channel_seq_key unique (channel_id, seq)
) with (fillfactor = 90);
-- Sent twice, posted once.
create unique index posts_pending_key on posts (channel_id, user_id, pending_post_id) where pending_post_id <> '';
create index posts_root_idx on posts (root_id, seq) where root_id is not null;
create index posts_changed_idx on posts (channel_id, update_at);
create index posts_created_idx on posts (channel_id, create_at, seq);
create index posts_pinned_idx on posts (channel_id) where is_pinned and delete_at = 0;
create index posts_text_idx on posts using gin (to_tsvector('simple', message)) where delete_at = 0;
create index posts_hashtags_idx on posts using gin (string_to_array(lower(hashtags), ' ')) where hashtags <> '';

create table reactions (
    post_id uuid not null references posts on delete cascade,
    user_id uuid not null references users on delete cascade,
    emoji_name text not null,
    create_at bigint not null default now_ms(),
    update_at bigint not null default now_ms(),
    primary key (post_id, user_id, emoji_name)
);

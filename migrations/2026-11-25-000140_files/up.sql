-- What people attach to posts. The bytes lie in the storage, under a key made of the organisation and the id; a row is
-- written before them and goes after them, so that no bytes lie there of which nobody knows.
create table files (
    id uuid primary key,
    org_id uuid not null references orgs on delete cascade,
    -- Who brought it. Neither this nor the post is a reference: the row stays until the bytes are gone.
    user_id uuid not null,
    -- None when the channel is gone, or not told yet.
    channel_id uuid references channels on delete set null,
    -- The post that it hangs on; none before it is posted.
    post_id uuid,
    -- Whether it is whole. Before that nobody is shown it.
    is_ready boolean not null default false,
    name text not null,
    extension text not null,
    mime_type text not null default '',
    size bigint not null default 0,
    -- Of pictures: pixels, the types of what is shown in lists and conversations, and a tiny picture.
    width integer not null default 0,
    height integer not null default 0,
    thumbnail_type text not null default '',
    preview_type text not null default '',
    mini_preview bytea,
    create_at bigint not null default now_ms(),
    update_at bigint not null default now_ms(),
    delete_at bigint not null default 0,
    -- Part of public addresses: with another one, addresses that were given out lead nowhere.
    link_key uuid,
    -- What it is found by: its name, and what is written in it.
    content text not null default '',
    -- Whether what is written in it is still to be read.
    is_unread boolean not null default false
);
create index files_post_idx on files (post_id) where post_id is not null;
create index files_channel_idx on files (channel_id, create_at desc);
create index files_unposted_idx on files (create_at) where post_id is null;
create index files_deleted_idx on files (delete_at) where delete_at > 0;
create index files_unread_idx on files (create_at) where is_unread;
create index files_content_idx on files using gin (to_tsvector('simple', content)) where delete_at = 0 and is_ready;

-- Uploads that may be continued: as much of the file as has come, and what the storage needs to go on.
create table uploads (
    id uuid primary key references files on delete cascade,
    size bigint not null,
    -- What the storage calls what it has so far; none if it has nothing.
    aside jsonb,
    -- One writes at a time: until when whoever does so has it.
    taken_until bigint not null default 0
);

-- Bytes that the files of an organisation have together.
create table file_usage (
    org_id uuid primary key references orgs on delete cascade,
    bytes bigint not null default 0
);

-- The files of a post, in its order.
alter table posts add column file_ids uuid[] not null default '{}';

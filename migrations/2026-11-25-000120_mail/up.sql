-- Mail that is to be sent. A row goes when its mail has left; whoever sends puts next_at off first, so that no other
-- node sends the same.
create table mails (
    id uuid primary key,
    org_id uuid not null references orgs on delete cascade,
    recipient text not null,
    subject text not null,
    -- Encrypted: it may carry a link that is as good as a password.
    body bytea not null,
    attempts bigint not null default 0,
    create_at bigint not null default now_ms(),
    next_at bigint not null default now_ms()
);
create index mails_next_idx on mails (next_at);

create table mails (
    id uuid primary key,
    org_id uuid not null references orgs on delete cascade,
    recipient text not null,
    subject text not null,
    body bytea not null,
    attempts bigint not null default 0,
    create_at bigint not null default now_ms(),
    next_at bigint not null default now_ms()
);
create index mails_next_idx on mails (next_at);
insert into mails (id, org_id, recipient, subject, body, attempts, create_at, next_at)
select id, org_id, payload ->> 'recipient', payload ->> 'subject', decode(payload ->> 'body', 'base64'), attempts,
    create_at, not_before
from tasks where kind = 'mail' and died_at = 0;
delete from tasks where kind = 'mail';

-- The picture of a person and the icon of a team lie in the storage under an identifier that changes with them, so that
-- nobody is shown an old one under a new name. Null: none of its own. The time is when that last changed.
alter table users
    add column picture_id uuid,
    add column picture_at bigint not null default 0;

alter table teams
    add column icon_id uuid,
    add column icon_at bigint not null default 0;

create table emoji (
    -- Also where its picture lies in the storage.
    id uuid primary key,
    org_id uuid not null references orgs on delete cascade,
    creator_id uuid references users on delete set null,
    name text not null,
    mime text not null,
    create_at bigint not null default now_ms(),
    update_at bigint not null default now_ms(),
    constraint emoji_name_key unique (org_id, name)
);

-- A set of roles that teams or channels can be put under, in place of the organisation's own.
create table schemes (
    id uuid primary key,
    org_id uuid not null references orgs on delete cascade,
    name text not null,
    display_name text not null,
    description text not null default '',
    scope text not null constraint schemes_scope_check check (scope in ('team', 'channel')),
    create_at bigint not null default now_ms(),
    update_at bigint not null default now_ms(),
    constraint schemes_name_key unique (org_id, name)
);

-- In what a role differs from the one that is built in: a role that nobody changed has no row, and what later versions
-- of the server add to a role reaches those who changed something else of it.
create table role_changes (
    org_id uuid not null references orgs on delete cascade,
    name text not null,
    scheme_id uuid references schemes on delete cascade,
    granted text[] not null,
    withdrawn text[] not null,
    update_at bigint not null default now_ms(),
    constraint role_changes_pkey primary key (org_id, name)
);
create index role_changes_scheme_idx on role_changes (scheme_id) where scheme_id is not null;

alter table teams add column scheme_id uuid references schemes on delete set null;
create index teams_scheme_idx on teams (scheme_id) where scheme_id is not null;

-- What holds in a channel follows from its row alone: the team's scheme stands in it too, and changes with the team's.
alter table channels add column scheme_id uuid references schemes on delete set null;
alter table channels add column team_scheme_id uuid references schemes on delete set null;
create index channels_scheme_idx on channels (scheme_id) where scheme_id is not null;
create index channels_team_scheme_idx on channels (team_scheme_id) where team_scheme_id is not null;

-- A guest is never an administrator.
alter table team_members add column guest boolean not null default false;
alter table team_members add constraint team_members_guest_check check (not (guest and admin));
alter table channel_members add column guest boolean not null default false;
alter table channel_members add constraint channel_members_guest_check check (not (guest and admin));
create index channel_members_guest_idx on channel_members (channel_id) where guest;

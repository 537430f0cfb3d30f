create table teams (
    id uuid primary key,
    org_id uuid not null references orgs on delete cascade,
    kind text not null constraint teams_kind_check check (kind in ('O', 'I')),
    name text not null,
    display_name text not null,
    description text not null default '',
    email text not null default '',
    company_name text not null default '',
    allowed_domains text not null default '',
    invite_id text not null constraint teams_invite_id_key unique,
    allow_open_invite boolean not null default false,
    create_at bigint not null default now_ms(),
    update_at bigint not null default now_ms(),
    delete_at bigint not null default 0,
    constraint teams_name_key unique (org_id, name)
);

create table team_members (
    team_id uuid not null references teams on delete cascade,
    user_id uuid not null references users on delete cascade,
    admin boolean not null default false,
    create_at bigint not null default now_ms(),
    constraint team_members_pkey primary key (team_id, user_id)
);
create index team_members_user_idx on team_members (user_id);

create table channels (
    id uuid primary key,
    org_id uuid not null references orgs on delete cascade,
    -- None for direct and group channels, which belong to no team.
    team_id uuid references teams on delete cascade,
    kind text not null constraint channels_kind_check check (kind in ('O', 'P', 'D', 'G')),
    name text not null,
    display_name text not null,
    header text not null default '',
    purpose text not null default '',
    creator_id uuid references users on delete set null,
    create_at bigint not null default now_ms(),
    update_at bigint not null default now_ms(),
    delete_at bigint not null default 0,
    last_post_at bigint not null default 0,
    last_root_post_at bigint not null default 0,
    -- The number of the newest post: posts of a channel are ordered by it, not by a clock.
    post_seq bigint not null default 0,
    -- Unread counts are differences: the channel counts here, a member keeps what the count was when they looked.
    -- Cost is one row per post however many members there are.
    total_msg_count bigint not null default 0,
    total_msg_count_root bigint not null default 0,
    mention_all_count bigint not null default 0,
    mention_all_count_root bigint not null default 0,
    constraint channels_team_check check ((team_id is null) = (kind in ('D', 'G')))
) with (fillfactor = 50);
create unique index channels_team_name_key on channels (team_id, name) where team_id is not null;
create unique index channels_org_name_key on channels (org_id, name) where team_id is null;

create table channel_members (
    channel_id uuid not null references channels on delete cascade,
    user_id uuid not null references users on delete cascade,
    admin boolean not null default false,
    notify_props jsonb not null,
    last_viewed_at bigint not null default 0,
    msg_count bigint not null default 0,
    msg_count_root bigint not null default 0,
    -- Mentions by name. Mentions of everybody are counted in the channel; what the member has seen of them is here.
    mention_count bigint not null default 0,
    mention_count_root bigint not null default 0,
    mention_all_seen bigint not null default 0,
    mention_all_seen_root bigint not null default 0,
    last_update_at bigint not null default now_ms(),
    constraint channel_members_pkey primary key (channel_id, user_id)
) with (fillfactor = 80);
create index channel_members_user_idx on channel_members (user_id);

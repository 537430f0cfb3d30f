-- Invitations into a team that were mailed, each to one address. Only a digest is kept. One that was used stays until
-- its time is over: it counts among those that its sender has mailed lately.
create table team_invitations (
    digest bytea primary key,
    team_id uuid not null references teams on delete cascade,
    -- To which address it went, in lower case.
    email text not null,
    invited_by uuid not null references users on delete cascade,
    -- Whether it makes a guest, who comes into the channels and nowhere else.
    guest boolean not null,
    channel_ids uuid[] not null,
    create_at bigint not null default now_ms(),
    expires_at bigint not null,
    -- When it was used or withdrawn; 0 while it leads somewhere.
    over_at bigint not null default 0
);
create index team_invitations_by_idx on team_invitations (invited_by, create_at);
create index team_invitations_email_idx on team_invitations (email, create_at);
create index team_invitations_team_idx on team_invitations (team_id);
create index team_invitations_expires_idx on team_invitations (expires_at);

alter table orgs
    -- Who may make accounts by themselves. None: what the deployment's settings say.
    add column sign_up text
        constraint orgs_sign_up_check check (sign_up in ('open', 'invitation', 'domain', 'closed')),
    -- The ends of e-mail addresses that may, where the policy is 'domain'.
    add column email_domains text[] not null default '{}',
    -- Bounds that the operators set; 0 for none.
    add column max_users bigint not null default 0 constraint orgs_max_users_check check (max_users >= 0),
    add column max_bytes bigint not null default 0 constraint orgs_max_bytes_check check (max_bytes >= 0),
    -- Days that posts are kept; 0 for ever.
    add column retention_days integer not null default 0
        constraint orgs_retention_check check (retention_days between 0 and 36500),
    add column suspended_at bigint not null default 0,
    -- Given up: nobody finds it any more, and a job removes what is in it, portion by portion.
    add column delete_at bigint not null default 0,
    add constraint orgs_slug_check check (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$');

-- The name of the organisation that was made first is that of the site, until somebody gives it one.
update orgs set name = '' where slug = 'default' and name = 'rustchat';

-- Host names that lead to an organisation, in lower case and without a port. Each leads to one.
create table org_domains (
    domain text constraint org_domains_pkey primary key,
    org_id uuid not null references orgs on delete cascade
);
create index org_domains_org_idx on org_domains (org_id);

-- Who looks after the deployment: a role of it, not of an organisation.
create table operators (
    user_id uuid primary key references users on delete cascade,
    create_at bigint not null default now_ms()
);
insert into operators (user_id)
select f.user_id from founders f join orgs o on o.id = f.org_id where o.slug = 'default';

-- large table: only the memberships of accounts that said so change, and the index holds only accounts with words of their own.
-- Whether the account says, for all channels, that mentions of everybody are none of its own. Kept with the membership,
-- beside what the member says of the one channel, so that a count needs no account. A constant default rewrites nothing.
alter table channel_members add column ignores_all boolean not null default false;

update channel_members m set ignores_all = true
from users u where u.id = m.user_id and u.notify_props ->> 'channel' = 'false';

-- What is said of the channel counts more than what is said of all.
create function ignores_everybody(props jsonb, ignores_all boolean) returns boolean language sql immutable as
  $$ select case props ->> 'ignore_channel_mentions' when 'on' then true when 'off' then false else ignores_all end $$;

-- Those who want to be told of words beside their username: few of many.
create index users_keywords_idx on users (org_id)
where delete_at = 0 and (coalesce(notify_props ->> 'mention_keys', '') <> '' or notify_props ->> 'first_name' = 'true');

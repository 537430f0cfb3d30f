-- The organisation of its channel, which never changes. Whether a post is of the caller's organisation is seen at the
-- post itself: another organisation's takes no longer to refuse than one that is not there. Channels have the foreign
-- key; a second one here would cost every post a look.
alter table posts add column org_id uuid;
update posts set org_id = (select c.org_id from channels c where c.id = posts.channel_id);
alter table posts alter column org_id set not null;

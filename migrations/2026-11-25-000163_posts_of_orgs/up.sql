-- The organisation of its channel, which never changes. Whether a post is of the caller's organisation is seen at the
-- post itself: another organisation's takes no longer to refuse than one that is not there. Channels have the foreign
-- key; a second one here would cost every post a look.
-- The table may be large, so nothing is rewritten under a lock: here the column comes, empty; the next migration fills it in
-- batches, and the one after that makes it mandatory.
alter table posts add column org_id uuid;

-- A post is looked up by who sends it and what they call it. The channel stands last, and the question leaves it out:
-- with it first, a plan made while the table was small takes any index that begins with the channel, and reads all of
-- a channel that has grown since.
create unique index posts_sender_pending_key on posts (user_id, pending_post_id, channel_id)
where pending_post_id <> '';
drop index posts_pending_key;

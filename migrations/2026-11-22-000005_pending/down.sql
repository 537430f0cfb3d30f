create unique index posts_pending_key on posts (channel_id, user_id, pending_post_id) where pending_post_id <> '';
drop index posts_sender_pending_key;

-- Whether an account sees another: itself, and whoever shares a channel with it. Without eyes everybody is seen; these are
-- the eyes of somebody who sees the whole organisation.
create function sees(eyes uuid, who uuid) returns boolean language sql stable as
$$ select eyes is null or eyes = who or exists (
    select 1 from channel_members m join channel_members o using (channel_id)
    where m.user_id = eyes and o.user_id = who) $$;

-- large table: only the channels of teams that are archived already change.
-- When the channel's team was archived; 0 while it is not. Whoever writes to a channel has its row before them, and so
-- sees for nothing that it takes no posts. The default is constant, so no row is rewritten; the update touches the
-- channels of archived teams alone.
alter table channels add column team_delete_at bigint not null default 0;
update channels set team_delete_at = t.delete_at from teams t where t.id = channels.team_id and t.delete_at <> 0;

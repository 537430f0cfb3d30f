drop index users_custom_status_idx;
drop function custom_status_end;
drop index statuses_dnd_idx, sessions_expires_idx;
drop table jobs;

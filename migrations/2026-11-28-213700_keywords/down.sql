drop index users_keywords_idx;
drop function ignores_everybody(jsonb, boolean);
alter table channel_members drop column ignores_all;

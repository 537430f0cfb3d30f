drop index users_bots_idx;
drop index users_bot_owner_idx;
alter table users
    drop constraint users_bot_owner_check,
    drop column bot_owner_id,
    drop column bot_description;

-- A bot is an account with a description, which people do not have, and without a password that fits. Whoever owns it
-- may be gone.
alter table users
    add column bot_description text,
    add column bot_owner_id uuid constraint users_bot_owner_id_fkey references users on delete set null,
    add constraint users_bot_owner_check check (bot_owner_id is null or bot_description is not null);
create index users_bot_owner_idx on users (bot_owner_id) where bot_owner_id is not null;
create index users_bots_idx on users (org_id, username) where bot_description is not null;

-- Who logs in elsewhere, and under which name there. Empty: with a password, here.
alter table users
    add column auth_service text not null default '',
    add column auth_data text not null default '';
create unique index users_auth_data_key on users (org_id, auth_service, auth_data) where auth_service <> '';

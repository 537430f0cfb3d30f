drop index users_auth_data_key;
alter table users drop column auth_service, drop column auth_data;

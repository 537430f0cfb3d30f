drop table mailed_tokens;
alter table users drop column email_verified;

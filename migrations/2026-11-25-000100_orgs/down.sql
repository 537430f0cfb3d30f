drop table operators;
drop table org_domains;
update orgs set name = 'rustchat' where slug = 'default' and name = '';
alter table orgs
    drop constraint orgs_slug_check,
    drop column delete_at,
    drop column suspended_at,
    drop column retention_days,
    drop column max_bytes,
    drop column max_users,
    drop column email_domains,
    drop column sign_up;

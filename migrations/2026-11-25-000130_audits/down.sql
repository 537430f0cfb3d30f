drop trigger audits_keep_all on audits;
drop trigger audits_keep on audits;
drop function audits_keep();
drop index audits_subject_idx;
drop index audits_org_idx;
-- What the older form cannot hold.
delete from audits a where user_id is null or not exists (select 1 from users u where u.id = a.user_id);
alter table audits
    drop column user_agent,
    drop column outcome,
    drop column subject_id,
    drop column subject_kind,
    drop column org_id,
    alter column user_id set not null,
    add constraint audits_user_id_fkey foreign key (user_id) references users on delete cascade;

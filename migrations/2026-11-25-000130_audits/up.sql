-- From the trail of an account to the log of an organisation: who did what, to what, from where, and how it ended.
-- user_id is now who did it (null where nobody is known); what it was done to stands beside it. Neither refers to a row:
-- an entry outlives what it tells of.
alter table audits
    alter column user_id drop not null,
    drop constraint audits_user_id_fkey,
    add column org_id uuid constraint audits_org_id_fkey references orgs on delete cascade,
    add column subject_kind text not null default '',
    add column subject_id uuid,
    add column outcome text not null default 'success'
        constraint audits_outcome_check check (outcome in ('success', 'fail', 'refused')),
    add column user_agent text not null default '';

update audits a set org_id = u.org_id, subject_kind = 'user', subject_id = u.id,
    outcome = case when a.extra_info = 'fail' then 'fail' else 'success' end
    from users u where u.id = a.user_id;

alter table audits alter column org_id set not null;
create index audits_org_idx on audits (org_id, create_at desc, id desc);
create index audits_subject_idx on audits (subject_id, create_at desc);

-- Written once and never changed: by a trigger and not by grants, because the server owns its tables and grants do not
-- bind an owner. It stops every statement but two: the removal of what is older than the setting keeps, which says so in
-- its own transaction, and the cascade from an organisation that is deleted with everything in it. Whoever administrates
-- the database itself can take the trigger away; against them only copies elsewhere help.
create function audits_keep() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE'
        and (pg_trigger_depth() > 1 or current_setting('rustchat.audit_retention', true) = 'on') then
        return old;
    end if;
    raise exception 'audits are only ever added to' using errcode = 'restrict_violation';
end $$;
create trigger audits_keep before update or delete on audits for each row execute function audits_keep();
create trigger audits_keep_all before truncate on audits for each statement execute function audits_keep();

-- Periodic work becomes tasks, each with the time of its next turn. What looked for unread documents is not one any more.
insert into tasks (id, kind, payload, unique_key, not_before)
select gen_random_uuid(), name, 'null', '', next_at from jobs where name <> 'documents'
on conflict do nothing;
drop table jobs;

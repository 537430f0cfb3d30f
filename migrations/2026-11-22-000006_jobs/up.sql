-- Periodic work. Whoever holds a job's row does the job: the lock goes with the node's connection, so a job moves when
-- its node dies.
create table jobs (
    name text primary key,
    -- When it is due, in milliseconds.
    next_at bigint not null default now_ms()
);

create index sessions_expires_idx on sessions (expires_at);
create index statuses_dnd_idx on statuses (dnd_end_time) where status = 'dnd' and dnd_end_time > 0;

-- When a custom status is over, in milliseconds; not above 0 if never. Clients write this text: one that says nothing
-- sensible must neither fail the account's update nor the job that looks for those that are over.
create function custom_status_end(props jsonb) returns bigint language plpgsql immutable parallel safe
set timezone = 'UTC' as $$
declare
    said text;
begin
    said := (props ->> 'customStatus')::jsonb ->> 'expires_at';
    if said is null or said !~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d' then
        return 0;
    end if;
    return extract(epoch from said::timestamptz) * 1000;
exception when others then
    return 0;
end $$;
create index users_custom_status_idx on users (custom_status_end(props)) where props ->> 'customStatus' <> '';

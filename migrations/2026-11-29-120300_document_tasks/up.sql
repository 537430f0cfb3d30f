-- Documents whose text was not extracted yet become tasks.
create function pg_temp.wire_id(id uuid) returns text language sql as $$
    select string_agg(
        substr('ybndrfg8ejkmcpqxot1uwisza345h769', substring(bits from i * 5 + 1 for 5)::integer + 1, 1), '' order by i)
    from (select ('x' || replace(id::text, '-', ''))::bit(128) || B'00' as bits) b, generate_series(0, 25) i
$$;
insert into tasks (id, kind, payload, org_id, unique_key, create_at)
select gen_random_uuid(), 'document',
    jsonb_build_object('org', pg_temp.wire_id(org_id), 'file', pg_temp.wire_id(id)), org_id, pg_temp.wire_id(id), create_at
from files where is_unread and is_ready
on conflict do nothing;
drop function pg_temp.wire_id;
-- The index goes with its column.
alter table files drop column is_unread;

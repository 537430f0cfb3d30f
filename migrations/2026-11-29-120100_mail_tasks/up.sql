-- Mail that waits becomes tasks.
create function pg_temp.wire_id(id uuid) returns text language sql as $$
    select string_agg(
        substr('ybndrfg8ejkmcpqxot1uwisza345h769', substring(bits from i * 5 + 1 for 5)::integer + 1, 1), '' order by i)
    from (select ('x' || replace(id::text, '-', ''))::bit(128) || B'00' as bits) b, generate_series(0, 25) i
$$;
insert into tasks (id, kind, payload, org_id, not_before, attempts, create_at)
select id, 'mail',
    jsonb_build_object('org', pg_temp.wire_id(org_id), 'recipient', recipient, 'subject', subject,
        'body', translate(encode(body, 'base64'), E'\n', '')),
    org_id, next_at, attempts, create_at
from mails;
drop function pg_temp.wire_id;
drop table mails;

-- Fills the organisation in, some thousand posts at a time, each batch committed: no post is locked for longer than its batch
-- takes. What was interrupted goes on where it stood. One statement, since only so it may commit.
do $$
declare
    passed uuid := '00000000-0000-0000-0000-000000000000';
    upto uuid;
begin
    loop
        select page.id into upto
        from (select id from posts where id > passed order by id limit 5000) as page
        order by page.id desc limit 1;
        exit when upto is null;
        update posts as p set org_id = c.org_id
        from channels as c
        where c.id = p.channel_id and p.org_id is null and p.id > passed and p.id <= upto;
        passed := upto;
        commit;
    end loop;
end
$$;

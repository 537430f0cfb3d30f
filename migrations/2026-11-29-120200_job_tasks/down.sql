create table jobs (
    name text primary key,
    next_at bigint not null default now_ms()
);
insert into jobs (name, next_at) select kind, not_before from tasks where unique_key = '' and died_at = 0;
delete from tasks where unique_key = '';

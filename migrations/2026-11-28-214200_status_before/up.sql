-- What somebody had chosen when they chose not to be disturbed for a time: it holds again when that is over. Empty where
-- they had chosen nothing.
alter table statuses add column prev_status text not null default ''
    constraint statuses_prev_status_check check (prev_status in ('', 'away', 'dnd', 'offline'));

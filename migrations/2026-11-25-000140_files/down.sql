alter table posts drop column file_ids;
drop table file_usage;
drop table uploads;
drop table files;

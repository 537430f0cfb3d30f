drop table emoji;
alter table teams drop column icon_at, drop column icon_id;
alter table users drop column picture_at, drop column picture_id;

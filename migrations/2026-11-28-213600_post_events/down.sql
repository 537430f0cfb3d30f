drop table post_events;

drop table reactions, posts;

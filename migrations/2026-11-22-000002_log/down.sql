drop table events, topics;

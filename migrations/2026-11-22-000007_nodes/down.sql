drop table nodes;

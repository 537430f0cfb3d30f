-- Properties of posts are stored without compression, so that their size is known without unpacking them: pages of posts
-- are bounded in bytes. Only what is larger than two kilobytes was ever compressed. Rows that are there stay as they are.
alter table posts alter column props set storage external;

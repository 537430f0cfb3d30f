-- Counting an organisation's channels, and deleting them with it, must not read those of all others.
create index channels_org_idx on channels (org_id);

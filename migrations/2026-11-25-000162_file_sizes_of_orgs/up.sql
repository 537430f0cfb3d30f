-- Bytes that one file of the organisation may have; 0: what the settings allow each.
alter table orgs add column max_file_bytes bigint not null default 0;

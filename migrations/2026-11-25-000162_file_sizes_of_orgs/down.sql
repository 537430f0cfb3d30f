alter table orgs drop column max_file_bytes;

alter table orgs drop column enforce_second_factor;

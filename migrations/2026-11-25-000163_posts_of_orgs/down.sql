alter table posts drop column org_id;

alter table posts alter column org_id drop not null;

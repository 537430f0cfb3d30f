-- A constraint that is not valid yet costs no look at the table; validating it reads the table beside whoever writes; and what
-- is proven by it needs no other look to be mandatory.
alter table posts add constraint posts_org_id_there check (org_id is not null) not valid;
alter table posts validate constraint posts_org_id_there;
alter table posts alter column org_id set not null;
alter table posts drop constraint posts_org_id_there;

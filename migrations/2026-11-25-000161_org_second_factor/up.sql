-- Whether everybody of the organisation who logs in with a password must have a second factor, whatever the deployment
-- demands.
alter table orgs add column enforce_second_factor boolean not null default false;

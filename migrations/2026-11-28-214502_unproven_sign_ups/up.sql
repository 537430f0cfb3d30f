-- Whether the account was let in by its address alone, and cannot log in before that is proven. Accounts that were there
-- before stay as they are. The default is constant, so no row is rewritten.
alter table users add column must_prove_email boolean not null default false;

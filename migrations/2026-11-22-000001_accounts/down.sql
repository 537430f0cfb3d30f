drop table audits, preferences, statuses, sessions, founders, users, orgs;
drop function now_ms();

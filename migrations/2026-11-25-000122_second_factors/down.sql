drop table recovery_codes, second_factors;
alter table users drop column mfa_active;

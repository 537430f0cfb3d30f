drop table login_attempts;

alter table sessions drop column token_id;
drop table access_tokens;

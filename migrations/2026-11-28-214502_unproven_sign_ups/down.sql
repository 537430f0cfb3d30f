alter table users drop column must_prove_email;

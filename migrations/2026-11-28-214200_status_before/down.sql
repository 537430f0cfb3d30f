alter table statuses drop column prev_status;

alter table channels drop column team_delete_at;

alter table posts alter column props set storage extended;

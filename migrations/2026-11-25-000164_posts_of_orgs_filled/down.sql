-- What was filled in goes with the column.
select 1;

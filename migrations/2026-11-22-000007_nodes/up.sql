-- The processes of this deployment. Who is listed and yet not heard on the bridge may have written to the log unheard.
create table nodes (
    id uuid primary key,
    seen_at timestamptz not null default now()
);

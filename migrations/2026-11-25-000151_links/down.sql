drop table proxied, links;

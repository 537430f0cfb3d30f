//! The schema: what the program believes of it is what the migrations make, and they can be taken back.

use std::collections::BTreeMap;

use crate::support::cluster::{Cluster, Migration, migrate, sql};

/// Every column of every table: `table.column` to its type, as the program's schema writes it.
type Columns = BTreeMap<String, String>;

/// Those that the program believes in.
fn believed() -> Columns {
    let mut columns = Columns::new();
    let mut table = None;
    let lines = include_str!("../../src/db/schema.rs").lines().map(str::trim);
    for line in lines.filter(|line| !line.starts_with("joinable!")) {
        if let Some((name, kind)) = line.split_once(" -> ") {
            let table: &String = table.as_ref().unwrap();
            columns.insert(format!("{table}.{name}"), kind.trim_end_matches(',').to_owned());
        } else if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with('{')) {
            table = Some(name.to_owned());
        }
    }
    columns
}

/// Those that a database has, but for partitions and the migrations' own table.
fn found(url: &str) -> Columns {
    let rows = sql(
        url,
        "select c.relname || '.' || a.attname, t.typname, a.attnotnull
         from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_type t on t.oid = a.atttypid
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
           and a.attnum > 0 and not a.attisdropped and c.relname <> '__diesel_schema_migrations'",
    );
    let column = |row: &str| {
        let [name, kind, not_null] = row.split('|').collect::<Vec<_>>().try_into().unwrap();
        let kind = match kind {
            "uuid" => "Uuid".to_owned(),
            "text" => "Text".to_owned(),
            "int4" => "Int4".to_owned(),
            "int8" => "Int8".to_owned(),
            "bytea" => "Bytea".to_owned(),
            "bool" => "Bool".to_owned(),
            "jsonb" => "Jsonb".to_owned(),
            "timestamptz" => "Timestamptz".to_owned(),
            "_uuid" => "Array<Uuid>".to_owned(),
            "_text" => "Array<Text>".to_owned(),
            other => panic!("{name}: a type that the program does not use yet: {other}"),
        };
        let kind = if not_null == "t" { kind } else { format!("Nullable<{kind}>") };
        (name.to_owned(), kind)
    };
    rows.lines().map(column).collect()
}

#[test]
fn the_program_believes_what_the_migrations_make() {
    let (believed, found) = (believed(), found(&Cluster::shared().copy()));
    assert!(believed.len() > 50, "{believed:?}");
    for (column, kind) in &believed {
        assert_eq!(found.get(column), Some(kind), "{column}");
    }
    let unknown: Vec<&String> = found.keys().filter(|column| !believed.contains_key(*column)).collect();
    assert!(unknown.is_empty(), "columns that the program does not know: {unknown:?}");
}

#[test]
fn every_migration_can_be_taken_back_and_made_again() {
    let url = Cluster::shared().copy();
    let objects = "select string_agg(d, ';' order by d) from (
        select indexdef as d from pg_indexes where schemaname = 'public'
        union all select conrelid::regclass || pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace
        union all select proname::text from pg_proc where pronamespace = 'public'::regnamespace) all_of_it";
    let (columns, rest) = (found(&url), sql(&url, objects));
    assert!(columns.contains_key("posts.message") && rest.contains("now_ms"), "{rest}");
    migrate(Migration::Redo, &url);
    assert_eq!(found(&url), columns);
    assert_eq!(sql(&url, objects), rest);
    migrate(Migration::Up, &url);
    assert_eq!(found(&url), columns, "nothing more to do");
}

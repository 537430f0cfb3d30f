//! What the documents say of the house, held against the house.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::{FLOORS, LIBRARIES, MODULES, root};

/// A document that names a file that is gone misleads whoever reads it.
#[test]
fn every_path_that_a_document_names_exists() {
    let mut named = 0;
    let mut missing = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        // What stands in backticks and looks like a path of ours, without what tells a part of it (`routes.rs::TABLE`).
        let quoted = text.split('`').skip(1).step_by(2);
        for path in quoted.map(|path| path.split("::").next().unwrap_or(path)).filter(|path| is_ours(path)) {
            named += 1;
            let beside = document.parent().unwrap_or(root());
            let places = [beside, root(), &root().join("src"), &root().join("tests/it")];
            let web = [root().join("web/src"), root().join("web/src/lib")];
            let places = places.into_iter().chain(web.iter().map(PathBuf::as_path));
            if !places.into_iter().any(|place| place.join(path).exists()) {
                missing.push(format!("{}: {path}", document.display()));
            }
        }
    }
    assert!(named > 50, "only {named} paths were found: are documents read correctly?");
    assert!(missing.is_empty(), "these paths do not exist:\n{}", missing.join("\n"));
}

fn documents() -> impl Iterator<Item = PathBuf> {
    let documents = ["README.md", "web/README.md"].map(|name| root().join(name)).into_iter();
    let docs = fs::read_dir(root().join("docs")).into_iter().flatten().flatten().map(|entry| entry.path());
    documents.chain(docs).filter(|path| path.extension().is_some_and(|end| end == "md"))
}

/// Whether a word is a whole path below one of our folders; `<…>` and `*` stand for names that vary.
fn is_ours(word: &str) -> bool {
    const OURS: [&str; 10] = [
        "src/",
        "crates/",
        "fuzz/",
        "web/src/",
        "web/test/",
        "tests/",
        "benches/",
        "migrations/",
        "docs/",
        "scripts/",
    ];
    let of_module = MODULES.iter().any(|(module, _)| word.starts_with(&format!("{module}/")));
    let is_path = OURS.iter().any(|folder| word.starts_with(folder)) || of_module || word.ends_with(".rs");
    is_path && !word.contains(['<', '*', ' ', '{', '…'])
}

#[test]
fn the_table_of_modules_is_the_one_that_is_checked() {
    let said = table("| place | what lies there |");
    for (module, may) in MODULES {
        let place = [format!("`src/{module}/`"), format!("`src/{module}.rs`")];
        let Some(row) = said.iter().find(|row| place.iter().any(|place| row[0].contains(place))) else {
            assert!(["lib", "command"].contains(module), "no row for `{module}`");
            continue;
        };
        let (named, all) = (names(&row[2]), ["all".to_owned()].into());
        let may: BTreeSet<String> = may.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(named, if may.contains("*") { all } else { may }, "what `{module}` may use");
        if !["services", "app", "main"].contains(module) {
            assert_eq!(names(&row[3]), libraries_of(module), "the libraries of `{module}`");
        }
    }
}

#[test]
fn the_table_of_floors_is_the_one_that_is_checked() {
    let said = table("| floor | what lies there |");
    let order: Vec<&str> = said.iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(order, FLOORS);
    for (floor, row) in order.iter().zip(&said) {
        let libraries = libraries_of(&format!("services/{floor}"));
        assert_eq!(names(&row[3]), libraries, "the libraries of `{floor}`");
    }
}

/// The libraries that only this place, or one below it, may name.
fn libraries_of(place: &str) -> BTreeSet<String> {
    let lies = |home: &&str| *home == place || home.starts_with(&format!("{place}/"));
    let of = LIBRARIES.iter().filter(|(_, homes)| homes.iter().any(|home| lies(&home.trim_end_matches('*'))));
    of.map(|(library, _)| (*library).to_owned()).collect()
}

/// The cells of the table of docs/ARCHITECTURE.md whose first line begins so, row by row.
fn table(head: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap_or_default();
    let begin = text.find(head).unwrap_or_else(|| panic!("no table `{head}`"));
    let rows = text[begin..].lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split(" |").map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// The names in a cell; a dash stands for none.
fn names(cell: &str) -> BTreeSet<String> {
    cell.split(", ").filter(|name| !["", "–"].contains(name)).map(str::to_owned).collect()
}

//! Circles: files that need each other, directly or by way of others. A module may hold and hand on what lies below it; that
//! alone makes no circle.

use std::collections::{BTreeMap, BTreeSet};

use super::source::Source;

/// For each file the files that it needs.
type Needs<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Every circle, a line each: its files in the order of the alphabet.
pub(crate) fn of(files: &[Source]) -> Vec<String> {
    let needs = needs(files);
    let reached: Needs<'_> = needs.keys().map(|file| (*file, reachable(file, &needs))).collect();
    let circle = |file: &&str| {
        let all = reached.get(*file)?;
        let back = |other: &&&str| reached.get(**other).is_some_and(|reached| reached.contains(*file));
        all.contains(*file).then(|| all.iter().filter(back).copied().collect::<Vec<_>>().join(", "))
    };
    let circles: BTreeSet<String> = needs.keys().filter_map(circle).collect();
    circles.into_iter().map(|files| format!("these need each other: {files}")).collect()
}

fn needs(files: &[Source]) -> Needs<'_> {
    let modules: BTreeMap<Vec<String>, &str> =
        files.iter().map(|file| (file.location(), file.path.as_str())).collect();
    let mut needs = Needs::new();
    for file in files {
        let own = file.location();
        let named = file.names.iter().filter_map(|name| {
            let path = name.ours()?;
            // The file that a path leads to has the longest beginning of it.
            (1..=path.len()).rev().find_map(|length| modules.get_key_value(path.get(..length)?))
        });
        let others = named.filter(|(module, _)| !module.starts_with(&own)).map(|(_, path)| *path);
        needs.entry(file.path.as_str()).or_default().extend(others);
    }
    needs
}

fn reachable<'a>(from: &str, needs: &Needs<'a>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut next: Vec<&'a str> = needs.get(from).into_iter().flatten().copied().collect();
    while let Some(file) = next.pop() {
        if seen.insert(file) {
            next.extend(needs.get(file).into_iter().flatten());
        }
    }
    seen
}

#[test]
fn a_circle_is_found_and_a_module_with_its_parts_is_none() {
    let circle = [
        Source::new("api/a", "use super::b::f;"),
        Source::new("api/b", "fn f() { crate::api::c::g() }"),
        Source::new("api/c/mod", "mod part; use super::a; pub use part::h;"),
        Source::new("api/c/part", "fn h() { super::k() }"),
    ];
    assert_eq!(of(&circle), ["these need each other: api/a, api/b, api/c/mod"]);
}

//! The crates that know nothing of chat: what each may depend on, as data, and the proof by cargo's own reading of their
//! manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde::Deserialize;

/// A crate of the workspace beside the server, and all that it may depend on; for its tests, also [`FOR_TESTS`].
const CRATES: &[(&str, &[&str])] = &[
    ("private-postgres", &["libc", "thiserror", "tracing"]),
    ("pictures", &["bytes", "futures-util", "image", "jpeg-decoder", "png", "thiserror", "tokio"]),
    ("fetcher", &["bytes", "ipnet", "reqwest", "thiserror", "tokio"]),
    ("linear-growth", &[]),
];

/// What the tests of a crate may depend on besides.
const FOR_TESTS: &[&str] = &["linear-growth", "tempfile", "tokio"];

/// The server, which may depend on each of them, and none on it.
const SERVER: &str = "rustchat";

#[test]
fn crates_stand_on_what_the_table_says_and_on_nothing_of_ours() {
    let packages = packages();
    let named: BTreeSet<&str> = CRATES.iter().map(|(name, _)| *name).chain([SERVER]).collect();
    let found: BTreeSet<&str> = packages.keys().map(String::as_str).collect();
    assert_eq!(found, named, "each package of the workspace has a line in CRATES");
    for (name, allowed) in CRATES {
        let on = |for_tests| of_kind(packages.get(*name).unwrap(), for_tests);
        assert_eq!(
            on(false),
            allowed.iter().copied().collect(),
            "{name}: take it out of one, or put it into both"
        );
        let foreign: Vec<_> = on(true).into_iter().filter(|other| !FOR_TESTS.contains(other)).collect();
        assert!(foreign.is_empty(), "the tests of {name} may not depend on {foreign:?}");
    }
}

/// Each crate keeps the rules of the workspace, and has the version and the licence of the server.
#[test]
fn crates_take_their_rules_from_the_workspace() {
    for (name, _) in CRATES {
        let manifest =
            std::fs::read_to_string(super::root().join(format!("crates/{name}/Cargo.toml"))).unwrap();
        for line in ["version.workspace = true", "license.workspace = true", "[lints]\nworkspace = true"] {
            assert!(manifest.contains(line), "crates/{name}/Cargo.toml lacks `{line}`");
        }
        assert!(!manifest.contains("[profile"), "profiles stand in the root's manifest alone");
    }
}

/// The workspace, as cargo reads it.
#[derive(Default, Deserialize)]
struct Workspace {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

/// The packages of the workspace by name, as cargo reads them; none if it does not.
fn packages() -> BTreeMap<String, Package> {
    let told = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--locked", "--format-version=1"])
        .current_dir(super::root())
        .output();
    let told = told.map(|output| output.stdout).unwrap_or_default();
    let workspace: Workspace = serde_json::from_slice(&told).unwrap_or_default();
    workspace.packages.into_iter().map(|package| (package.name.clone(), package)).collect()
}

/// The dependencies of a package, those for its tests or the others.
fn of_kind(package: &Package, for_tests: bool) -> BTreeSet<&str> {
    let wanted = |dependency: &&Dependency| (dependency.kind.as_deref() == Some("dev")) == for_tests;
    package.dependencies.iter().filter(wanted).map(|dependency| dependency.name.as_str()).collect()
}

//! Who may import whom, as data, and the proof that the sources and the documents keep to it. How a source is read is in
//! `source`; what the crates of the workspace stand on, in `crates`.

mod circles;
mod crates;
mod documents;
mod source;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use source::{Name, Source};

/// May use every module: where the parts are put together.
const ALL: &[&str] = &["*"];

/// Of a library that belongs to one of the crates (`crates`): no source of the server names it.
const NOWHERE: &[&str] = &[];

/// A module of ours, and the modules of ours that it may use. A module that is not listed is refused.
const MODULES: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("error", &[]),
    ("config", &[]),
    ("telemetry", &["config"]),
    ("supervisor", &[]),
    ("db", &["error", "wire"]),
    ("services", &["config", "db", "error", "supervisor", "wire"]),
    ("actors", &["error", "services", "supervisor", "wire"]),
    ("api", &["actors", "error", "services", "supervisor", "telemetry", "wire"]),
    ("app", ALL),
    ("lib", ALL),
    ("command", ALL),
    ("main", ALL),
];

/// A library, and the only places that may name it, its home first. `services/auth` is that file or folder; with a
/// star at the end, every path that begins so.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("config", &["config"]),
    ("tracing_subscriber", &["telemetry"]),
    ("diesel", &["db"]),
    ("diesel_async", &["db"]),
    ("diesel_migrations", &["db"]),
    ("pictures", &["services", "app", "error"]),
    ("image", NOWHERE),
    ("jpeg_decoder", NOWHERE),
    ("png", &["services/auth/credentials"]),
    ("fetcher", &["services", "app", "error"]),
    ("private_postgres", &["app", "error"]),
    ("lol_html", &["services/posts/previews"]),
    ("encoding_rs", &["services/posts/previews"]),
    ("jsonwebtoken", &["services/auth/credentials"]),
    ("argon2", &["services/auth/credentials"]),
    ("aws_lc_rs", &["services/platform/keys", "app"]),
    ("qrcodegen", &["services/auth/credentials"]),
    ("totp_rs", &["services/auth/credentials"]),
    ("openidconnect", &["services/auth/credentials"]),
    ("lettre", &["services/platform/mail"]),
    ("aws_sdk_s3", &["services/platform/storage"]),
    ("deadpool_redis", &["services/realtime"]),
    ("redis", &["services/realtime"]),
    ("actix", &["actors", "app", "main"]),
    ("actix_web_actors", &["actors/session*", "api/websocket"]),
    ("actix_web", &["api", "app", "main"]),
    ("actix_multipart", &["api"]),
    ("matchit", &["api/dispatch"]),
    ("pdf_extract", &["services/files"]),
    ("pulldown_cmark", &["services/platform/texts"]),
    ("libc", NOWHERE),
    ("socket2", &["app", "api"]),
    ("clap", &["main", "command"]),
];

/// The floors of the services, from the lowest: each may use those before it, and none after. A floor that is not listed
/// is refused.
const FLOORS: &[&str] = &[
    "platform",
    "realtime",
    "auth",
    "orgs",
    "users",
    "teams",
    "channels",
    "membership",
    "files",
    "posts",
    "operation",
];

#[test]
fn the_sources_keep_to_the_table() {
    let found = breaches(&sources());
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// Two files that need each other are one file in two places.
#[test]
fn no_files_need_each_other() {
    let found = circles::of(&sources());
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// A rule that matches nothing would pass for ever: a module that exists must have been read, and a library that
/// `Cargo.toml` names must be in use once its home exists.
#[test]
fn every_rule_matches_something() {
    let files = sources();
    assert!(files.iter().any(|file| file.path == "lib"), "src/lib.rs was not read");
    for (module, _) in MODULES.iter().filter(|(module, _)| exists(module)) {
        let paths = files.iter().filter(|file| file.module() == *module).flat_map(|file| &file.names).count();
        assert!(
            paths > 0 || matches!(*module, "lib" | "main"),
            "no path in `{module}`: is it read correctly?"
        );
    }
    let ours = files.iter().flat_map(|file| &file.names).filter(|path| path.ours().is_some()).count();
    assert!(ours > 0, "no import of ours was found");
    let named: BTreeSet<_> =
        files.iter().flat_map(|file| &file.names).filter_map(|path| path.library()).collect();
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap().replace('-', "_");
    for (library, places) in LIBRARIES {
        let depended_on = manifest
            .lines()
            .filter_map(|line| line.strip_prefix(library))
            .any(|rest| rest.starts_with(" = ") || rest.starts_with(".workspace"));
        if depended_on && places.first().is_some_and(|home| exists(home)) {
            assert!(
                named.contains(*library),
                "no source names `{library}`: take it out of Cargo.toml, or mend the rule"
            );
        }
    }
}

#[test]
fn a_breach_is_found() {
    let cases = [
        ("wire/id", "use crate::db::posts;", "may not use db"),
        ("db/posts", "use crate::{error::Error, services::{platform, posts}};", "may not use services"),
        ("services/posts", "fn f() { crate::actors::hub::wake() }", "may not use actors"),
        ("services/posts/mod", "use super::super::api as http;", "may not use api"),
        ("actors/room", "use crate::db as rows; fn f() { rows::posts::find() }", "may not use db"),
        ("api/posts", "fn f() -> diesel::QueryResult<()> { todo!() }", "may not name diesel"),
        ("api/posts", "use ::diesel_async as d;", "may not name diesel_async"),
        ("services/posts", "use {argon2::Argon2, std::fmt};", "may not name argon2"),
        ("services/teams", "extern crate actix_web;", "may not name actix_web"),
        ("db/mod", "fn f() { config::Config::builder(); }", "may not name config"),
        ("actors/hub", "use actix_web_actors::ws;", "may not name actix_web_actors"),
        ("services/posts", "use image::DynamicImage;", "may not name image"),
        ("services/posts", "fn f() { private_postgres::start(f()) }", "may not name private_postgres"),
        ("api/pictures", "use pictures::Format;", "may not name pictures"),
        ("services/teams", "use super::posts;", "teams comes before posts"),
        (
            "services/channels/seat",
            "use crate::services as s; fn f() { s::posts::f() }",
            "comes before posts",
        ),
        (
            "services/users",
            "pub(crate) fn f() -> A { A { ..super::posts::a() } }",
            "users comes before posts",
        ),
        (
            "services/users",
            "const Q: char = '\\''; mod inner { use super::super::posts; }",
            "users comes before posts",
        ),
        (
            "services/users",
            "mod inner { fn f(_: &'static u8) {} } use super::posts;",
            "users comes before posts",
        ),
        ("services/weather", "", "no place in FLOORS"),
        ("weather/mod", "", "no place in MODULES"),
    ];
    for (path, text, expected) in cases {
        let found = breaches(&[Source::new(path, text)]);
        let hit = !found.is_empty() && found.iter().all(|line| line.contains(expected));
        assert!(hit, "{path}: `{text}` should give `{expected}`, got {found:?}");
    }
}

#[test]
fn what_is_allowed_is_let_pass() {
    let cases = [
        (
            "services/posts",
            "use crate::{db, services::{channels::{self, ChannelAccess}, platform::Tx}}; use super::auth;",
        ),
        (
            "services/posts",
            "// crate::actors\n/* crate::api /* actix:: */ */ const A: &str = \"crate::api::x\";",
        ),
        (
            "services/posts",
            "const A: &str = r#\"\" crate::api::x\"#; const B: char = '\"'; fn f<'a>(_: &'a str) {}",
        ),
        ("services/posts", "fn f() {}\n#[cfg(test)]\nmod tests { use crate::actors::hub; fn f() {} }"),
        ("services/posts", "mod tests { use super::operation; }"),
        ("services/auth", "use crate::config; fn f(_: &config::Settings) {}"),
        ("lib", "pub mod config; pub use config::Settings;"),
        ("config/mod", "use config::{Config, File};"),
        ("api/websocket", "use actix_web_actors::ws; use actix_web::web;"),
        ("actors/session_test", "use actix_web_actors::ws;"),
        ("main", "use rustchat::{app, config::Settings};"),
        ("api/routes", "use super::pictures; fn f() { pictures::of_user() }"),
        ("services/posts", "use pictures::Format;"),
        (
            "services/posts",
            "pub(crate) fn f() -> impl Fn() + use<'static> { 1..super::users::n() } use crate::db;",
        ),
        ("services/posts", "#[cfg(test)]\nfn f(_: [u8; 2]) { crate::api::f() }"),
        ("actors/room", "fn f(x: X) { x.diesel; my::diesel::f(); Vec::<u8>::new(); }"),
    ];
    for (path, text) in cases {
        let found = breaches(&[Source::new(path, text)]);
        assert!(found.is_empty(), "{path}: `{text}` gives {found:?}");
    }
}

// ---- the rules

/// Every breach of the three tables, one line each.
fn breaches(files: &[Source]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for file in files {
        let module = file.module();
        let Some((_, may)) = MODULES.iter().find(|(name, _)| *name == module) else {
            found.insert(format!("src/{}: `{module}` has no place in MODULES", file.path));
            continue;
        };
        if file.floor().is_some_and(|own| !FLOORS.contains(&own)) {
            found.insert(format!("src/{}: this floor has no place in FLOORS", file.path));
        }
        for path in &file.names {
            found.extend(foreign_module(file, may, path));
            found.extend(foreign_library(file, path));
            found.extend(uphill(file, path));
        }
    }
    found.into_iter().collect()
}

fn foreign_module(file: &Source, may: &[&str], path: &Name) -> Option<String> {
    let used = path.ours()?.first()?.as_str();
    let known = MODULES.iter().any(|(name, _)| *name == used);
    let allowed = used == file.module() || may.contains(&"*") || may.contains(&used);
    (known && !allowed).then(|| format!("src/{}: may not use {used} ({path})", file.path))
}

fn foreign_library(file: &Source, path: &Name) -> Option<String> {
    let (library, places) = LIBRARIES.iter().find(|(library, _)| path.library() == Some(library))?;
    let allowed = places.iter().any(|place| file.is_in(place));
    (!allowed).then(|| format!("src/{}: may not name {library} ({path})", file.path))
}

fn uphill(file: &Source, path: &Name) -> Option<String> {
    let own = file.floor()?;
    let [module, used, ..] = path.ours()? else { return None };
    let place = |name: &str| FLOORS.iter().position(|floor| *floor == name);
    let uphill = module == "services" && place(own)? < place(used)?;
    uphill.then(|| format!("src/{}: {own} comes before {used} ({path})", file.path))
}

// ---- the files

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Is there a file or a folder in this place below `src`?
fn exists(place: &str) -> bool {
    let place = root().join("src").join(place.trim_end_matches('*'));
    place.is_dir() && fs::read_dir(&place).is_ok_and(|mut entries| entries.next().is_some())
        || place.with_extension("rs").is_file()
}

/// Every source below `src`, but the files that hold only tests.
fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    collect(&root().join("src"), "", &mut found);
    found
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), found);
        } else if let Some(stem) = name.strip_suffix(".rs").filter(|stem| *stem != "tests") {
            let text = fs::read_to_string(&path).unwrap_or_default();
            found.push(Source::new(&format!("{prefix}{stem}"), &text));
        }
    }
}

/// Whoever reads a path otherwise gets parts that are half decoded.
#[test]
fn parts_of_a_path_are_read_in_one_place() {
    let allowed = ["api/extract", "api/dispatch", "api/middleware"];
    let readers = files_saying("match_info()");
    assert!(readers.iter().all(|path| allowed.contains(&path.as_str())), "{readers:?}");
}

/// A setting that nothing reads is a promise that is not kept: each key of the reference is read as a field outside of
/// the configuration.
#[test]
fn every_setting_is_read_by_something() {
    let reference = fs::read_to_string(root().join("config/default.toml")).unwrap();
    let keys =
        reference.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "));
    let keys: Vec<&str> = keys.map(|(key, _)| key.trim()).collect();
    assert!(keys.len() > 60, "the reference was not read");
    let unread = |key: &&str| {
        let field = format!(".{key}");
        !files_saying(&field).iter().any(|path| !path.starts_with("config/") || path == "config/mod")
    };
    let unread: Vec<&str> = keys.into_iter().filter(unread).collect();
    assert!(unread.is_empty(), "nothing reads {unread:?}");
}

/// The sources that contain `words`, as paths without their ending.
fn files_saying(words: &str) -> Vec<String> {
    fn walk(folder: &Path, words: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, words, found);
            } else if fs::read_to_string(&path).is_ok_and(|text| text.contains(words)) {
                let path = path.strip_prefix(root().join("src")).unwrap_or(&path).with_extension("");
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join("src"), words, &mut found);
    found
}

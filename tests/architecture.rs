//! Who may import whom, as data, and the proof that the sources keep to it.
//!
//! The sources are read as text: comments, strings and what is compiled only for tests are left out, `use` trees are
//! unfolded, and every path is followed through the file's own imports, so that `use crate::services;` and a later
//! `services::posts::create` count as what they are. What is deliberately absent: macros are not expanded, and a name
//! that arrives through a glob import is not followed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// May use every module: where the parts are put together.
const ALL: &[&str] = &["*"];

/// A module of ours, and the modules of ours that it may use. A module that is not listed is refused.
const MODULES: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("error", &[]),
    ("config", &[]),
    ("postgres", &[]),
    ("telemetry", &["config"]),
    ("db", &["error", "wire"]),
    ("services", &["config", "db", "error", "wire"]),
    ("actors", &["error", "services", "wire"]),
    ("api", &["actors", "error", "services", "telemetry", "wire"]),
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
    ("image", &["services/pictures"]),
    ("jpeg_decoder", &["services/pictures"]),
    ("png", &["services/pictures", "services/credentials"]),
    ("lol_html", &["services/previews"]),
    ("encoding_rs", &["services/previews"]),
    ("jsonwebtoken", &["services/credentials"]),
    ("argon2", &["services/credentials"]),
    ("aws_lc_rs", &["services/credentials"]),
    ("qrcodegen", &["services/credentials"]),
    ("totp_rs", &["services/credentials"]),
    ("openidconnect", &["services/credentials"]),
    ("lettre", &["services/mail"]),
    ("aws_sdk_s3", &["services/storage"]),
    ("deadpool_redis", &["services/realtime"]),
    ("redis", &["services/realtime"]),
    ("actix", &["actors", "app", "main"]),
    ("actix_web_actors", &["actors/session*", "api/websocket"]),
    ("actix_web", &["api", "app", "main"]),
    ("actix_multipart", &["api"]),
    ("matchit", &["api/dispatch"]),
    ("pdf_extract", &["services/files"]),
    ("pulldown_cmark", &["services/texts"]),
    ("libc", &["postgres"]),
    ("socket2", &["app", "api"]),
    ("clap", &["main", "command"]),
];

/// The services, downhill: each may use those before it, and none after. A service that is not listed is refused.
const SERVICES: &[&str] = &[
    "realtime",
    "limits",
    "credentials",
    "permissions",
    "addresses",
    "texts",
    "post_queue",
    "fetch",
    "pictures",
    "storage",
    "core",
    "auth",
    "audits",
    "emoji",
    "mail",
    "users",
    "roles",
    "orgs",
    "bots",
    "tokens",
    "preferences",
    "statuses",
    "attachments",
    "append",
    "teams",
    "channels",
    "files",
    "membership",
    "previews",
    "schemes",
    "posts",
    "reactions",
    "search",
    "subscriptions",
    "typing",
    "unreads",
    "system",
    "console",
    "jobs",
];

#[test]
fn the_sources_keep_to_the_table() {
    let found = breaches(&sources());
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// A rule that matches nothing would pass for ever: a module that exists must have been read, and a library that
/// `Cargo.toml` names must be in use once its home exists.
#[test]
fn every_rule_matches_something() {
    let files = sources();
    assert!(files.iter().any(|file| file.path == "lib"), "src/lib.rs was not read");
    for (module, _) in MODULES.iter().filter(|(module, _)| exists(module)) {
        let paths =
            files.iter().filter(|file| file.module() == *module).flat_map(|file| file.paths()).count();
        assert!(
            paths > 0 || matches!(*module, "lib" | "main"),
            "no path in `{module}`: is it read correctly?"
        );
    }
    let ours = files.iter().flat_map(|file| file.paths()).filter(|path| path.ours().is_some()).count();
    assert!(ours > 0, "no import of ours was found");
    let named: BTreeSet<_> =
        files.iter().flat_map(|file| file.paths()).filter_map(|path| path.library()).collect();
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap().replace('-', "_");
    for (library, places) in LIBRARIES {
        let depended_on = manifest.lines().any(|line| line.starts_with(&format!("{library} = ")));
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
        ("db/posts", "use crate::{error::Error, services::{core, posts}};", "may not use services"),
        ("services/posts", "fn f() { crate::actors::hub::wake() }", "may not use actors"),
        ("services/posts/mod", "use super::super::api as http;", "may not use api"),
        ("actors/room", "use crate::db as rows; fn f() { rows::posts::find() }", "may not use db"),
        ("api/posts", "fn f() -> diesel::QueryResult<()> { todo!() }", "may not name diesel"),
        ("api/posts", "use ::diesel_async as d;", "may not name diesel_async"),
        ("services/posts", "use {argon2::Argon2, std::fmt};", "may not name argon2"),
        ("services/teams", "extern crate actix_web;", "may not name actix_web"),
        ("db/mod", "fn f() { config::Config::builder(); }", "may not name config"),
        ("actors/hub", "use actix_web_actors::ws;", "may not name actix_web_actors"),
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
        ("services/weather", "", "no place in SERVICES"),
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
            "use crate::{db, services::{channels::{self, ChannelAccess}, core::Tx}}; use super::auth;",
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
        ("services/posts", "mod tests { use super::reactions; }"),
        ("services/auth", "use crate::config; fn f(_: &config::Settings) {}"),
        ("lib", "pub mod config; pub use config::Settings;"),
        ("config/mod", "use config::{Config, File};"),
        ("api/websocket", "use actix_web_actors::ws; use actix_web::web;"),
        ("actors/session_test", "use actix_web_actors::ws;"),
        ("main", "use rustchat::{app, config::Settings};"),
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
        if file.service().is_some_and(|own| !SERVICES.contains(&own)) {
            found.insert(format!("src/{}: this service has no place in SERVICES", file.path));
        }
        for path in file.paths() {
            found.extend(foreign_module(file, may, &path));
            found.extend(foreign_library(file, &path));
            found.extend(uphill(file, &path));
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
    let (library, places) =
        LIBRARIES.iter().find(|(library, _)| path.library().as_deref() == Some(library))?;
    let allowed = places.iter().any(|place| file.is_in(place));
    (!allowed).then(|| format!("src/{}: may not name {library} ({path})", file.path))
}

fn uphill(file: &Source, path: &Name) -> Option<String> {
    let own = file.service()?;
    let [module, used, ..] = path.ours()? else { return None };
    let place = |name: &str| SERVICES.iter().position(|service| *service == name);
    let uphill = module == "services" && place(own)? < place(used)?;
    uphill.then(|| format!("src/{}: {own} comes before {used} ({path})", file.path))
}

// ---- the sources

/// A source file: its path below `src` without the ending, and its tokens.
struct Source {
    path: String,
    tokens: Vec<Token>,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), tokens: without_tests(tokens(text)) }
    }

    /// The top-level module that the file belongs to; `lib` and `main` for the roots.
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap_or(&self.path)
    }

    /// The service that the file belongs to; none for `services/mod.rs`.
    fn service(&self) -> Option<&str> {
        let mut parts = self.path.split('/');
        (parts.next() == Some("services")).then(|| parts.next()).flatten().filter(|name| *name != "mod")
    }

    fn is_in(&self, place: &str) -> bool {
        match place.strip_suffix('*') {
            Some(beginning) => self.path.starts_with(beginning),
            None => {
                self.path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
        }
    }

    /// The path of the module that the file is, from the crate's root.
    fn here(&self) -> Vec<String> {
        let mut parts: Vec<_> = self.path.split('/').map(str::to_owned).collect();
        if parts.last().is_some_and(|last| last == "mod") || matches!(self.path.as_str(), "lib" | "main") {
            parts.pop();
        }
        parts
    }

    /// Every path that the file names, followed through its imports to the crate (`crate::…`) or library that it begins
    /// in.
    fn paths(&self) -> Vec<Name> {
        let (mut named, mut imports) = (Vec::new(), BTreeMap::new());
        let mut inline: Vec<Option<String>> = Vec::new();
        let mut at = 0;
        while let Some(token) = self.tokens.get(at) {
            let before = at.checked_sub(1).and_then(|at| self.tokens.get(at));
            let next = self.tokens.get(at + 1);
            let mut here = self.here();
            here.extend(inline.iter().flatten().cloned());
            at += 1;
            if token.is("{") {
                inline.push(None);
            } else if token.is("}") {
                inline.pop();
            } else if token.is("mod") {
                let Some(Token(name)) = next else { continue };
                if self.tokens.get(at + 1).is_some_and(|token| token.is("{")) {
                    inline.push(Some(name.clone()));
                    at += 2;
                } else {
                    imports.insert(
                        name.clone(),
                        Name([&["crate".to_owned()], &here[..], std::slice::from_ref(name)].concat()),
                    );
                }
            } else if begins_import(before, token, next) {
                let end = self.tokens.iter().skip(at).position(|token| token.is(";"));
                let tree = self.tokens.get(at..at + end.unwrap_or(0)).unwrap_or_default();
                for (path, alias) in unfold(tree) {
                    let path = path.absolute(&here);
                    // An alias that repeats its own library (`use config;`) says nothing new.
                    if path.0.len() > 1 || path.0.first() != Some(&alias) {
                        imports.insert(alias, path.clone());
                    }
                    named.push(path);
                }
                at += tree.len();
            } else if begins_path(before, token, next) {
                let length = path_length(self.tokens.get(at - 1..).unwrap_or_default());
                let path = self.tokens.get(at - 1..at - 1 + length).unwrap_or_default();
                named.push(Name::read(path).absolute(&here));
                at += length - 1;
            }
        }
        named.iter().map(|path| path.follow(&imports)).collect()
    }
}

/// `use …` (but not the `use<…>` of a return type) and `extern crate …`.
fn begins_import(before: Option<&Token>, token: &Token, next: Option<&Token>) -> bool {
    token.is("use") && !next.is_some_and(|next| next.is("<"))
        || token.is("crate") && before.is_some_and(|before| before.is("extern"))
}

/// A path begins at a name before `::`, or at a leading `::`, that does not continue another one.
fn begins_path(before: Option<&Token>, token: &Token, next: Option<&Token>) -> bool {
    let continues = before.is_some_and(|before| before.is("::") || before.is(".") || before.is("mod"));
    if token.is("::") {
        return !before.is_some_and(|before| before.is_name() || before.is(">"))
            && next.is_some_and(Token::is_name);
    }
    token.is_name() && !continues && next.is_some_and(|next| next.is("::"))
}

/// How many tokens the path at the beginning of `tokens` has.
fn path_length(tokens: &[Token]) -> usize {
    let mut length = usize::from(tokens.first().is_some_and(|token| token.is("::"))) + 1;
    while tokens.get(length).is_some_and(|token| token.is("::"))
        && tokens.get(length + 1).is_some_and(Token::is_name)
    {
        length += 2;
    }
    length
}

/// The paths of a `use` tree, each with the name that it brings into the file.
fn unfold(tree: &[Token]) -> Vec<(Name, String)> {
    let group = tree.iter().position(|token| token.is("{"));
    let Some(open) = group else {
        let alias_at = tree.iter().position(|token| token.is("as"));
        let mut path = Name::read(tree.get(..alias_at.unwrap_or(tree.len())).unwrap_or_default());
        if path.0.len() > 1 && path.0.last().is_some_and(|last| last == "self") {
            path.0.pop();
        }
        let alias = alias_at.and_then(|at| tree.get(at + 1)).map(|Token(alias)| alias.clone());
        let alias = alias.or_else(|| path.0.last().cloned()).unwrap_or_default();
        return vec![(path, alias)];
    };
    let (prefix, rest) = tree.split_at(open);
    let (mut branches, mut depth) = (vec![Vec::new()], 0);
    for token in rest {
        depth += i32::from(token.is("{")) - i32::from(token.is("}"));
        match (token.0.as_str(), depth) {
            ("{", 1) | ("}", 0) => {}
            (",", 1) => branches.push(Vec::new()),
            (_, _) => branches.last_mut().into_iter().for_each(|branch| branch.push(token.clone())),
        }
    }
    let whole = |branch: Vec<Token>| unfold(&[prefix, &branch].concat());
    branches.into_iter().filter(|branch| !branch.is_empty()).flat_map(whole).collect()
}

/// A path as a list of names. From the crate's root it begins with `crate`.
#[derive(Clone)]
struct Name(Vec<String>);

impl Name {
    fn read(tokens: &[Token]) -> Self {
        let leading = tokens.first().is_some_and(|token| token.is("::"));
        let names =
            tokens.iter().filter(|token| token.is_name() || token.is("*")).map(|Token(name)| name.clone());
        Self(leading.then(|| "::".to_owned()).into_iter().chain(names).collect())
    }

    /// `self`, `super` and the crate's own name, said from the root.
    fn absolute(&self, here: &[String]) -> Self {
        let mut here: Vec<_> = std::iter::once("crate".to_owned()).chain(here.iter().cloned()).collect();
        let mut rest = self.0.as_slice();
        match rest.first().map(String::as_str) {
            Some("crate" | "rustchat") => here.truncate(1),
            Some("self" | "super") => {}
            Some(_) | None => return self.clone(),
        }
        while let [first, after @ ..] = rest {
            match first.as_str() {
                "super" => drop(here.pop()),
                "self" | "crate" | "rustchat" => {}
                _ => break,
            }
            rest = after;
        }
        here.extend(rest.iter().cloned());
        Self(here)
    }

    /// The path with its first name replaced by what the file imports under it.
    fn follow(&self, imports: &BTreeMap<String, Name>) -> Self {
        let mut path = self.clone();
        // Imports may build on each other; more than a few steps would be a circle.
        for _ in 0..4 {
            let Some(target) = path.0.first().and_then(|first| imports.get(first)) else { break };
            path = Self(target.0.iter().cloned().chain(path.0.iter().skip(1).cloned()).collect());
        }
        path
    }

    /// What follows `crate::`, when the path is ours.
    fn ours(&self) -> Option<&[String]> {
        self.0.split_first().filter(|(first, _)| *first == "crate").map(|(_, rest)| rest)
    }

    /// What the path begins with: a library, or a name that the file knows otherwise.
    fn library(&self) -> Option<String> {
        self.0.iter().find(|name| *name != "::").cloned()
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("::"))
    }
}

// ---- the text

/// A name, `::`, `..`, or one other character. Literals, lifetimes, comments and space are gone.
#[derive(Clone)]
struct Token(String);

impl Token {
    fn is(&self, text: &str) -> bool {
        self.0 == text
    }

    fn is_name(&self) -> bool {
        self.0.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && !matches!(self.0.as_str(), "as" | "use" | "in")
    }
}

fn tokens(mut text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    while let Some(first) = text.chars().next() {
        let skipped = comment(text).or_else(|| string(text)).or_else(|| quote(text));
        let length = if let Some(length) = skipped {
            length
        } else if first.is_alphanumeric() || first == '_' {
            text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
        } else if text.starts_with("::") || text.starts_with("..") {
            2
        } else {
            first.len_utf8()
        };
        let (token, rest) = text.split_at(length.min(text.len()));
        if skipped.is_none() && !first.is_whitespace() {
            found.push(Token(token.to_owned()));
        }
        text = rest;
    }
    found
}

/// The length of the comment that `text` begins with. Block comments nest.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    let (mut depth, mut at) = (0, 0);
    while let Some(rest) = text.get(at..).filter(|_| text.starts_with("/*")) {
        if rest.is_empty() || depth == 0 && at > 0 {
            return Some(at);
        }
        let (step, change) = match rest {
            _ if rest.starts_with("/*") => (2, 1),
            _ if rest.starts_with("*/") => (2, -1),
            _ => (rest.chars().next().map_or(1, char::len_utf8), 0),
        };
        at += step;
        depth += change;
    }
    None
}

/// The length of the string that `text` begins with: plain, raw, of bytes or for C.
fn string(text: &str) -> Option<usize> {
    let bare = text.trim_start_matches(['b', 'c']);
    if let Some(raw) = bare.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let body = raw.get(hashes..)?.strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        let length = body.find(&end).map_or(body.len(), |at| at + end.len());
        return Some(text.len() - body.len() + length);
    }
    let body = bare.strip_prefix('"')?;
    let mut escaped = false;
    let end = body.find(|c: char| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    });
    Some(text.len() - body.len() + end.map_or(body.len(), |at| at + 1))
}

/// The length of the character or the lifetime that `text` begins with.
fn quote(text: &str) -> Option<usize> {
    let body = text.strip_prefix('\'')?;
    if let Some(escape) = body.strip_prefix('\\') {
        let after = escape.chars().next().map_or(0, char::len_utf8);
        return escape.get(after..)?.find('\'').map(|at| at + after + 3);
    }
    let first = body.chars().next()?;
    if body.get(first.len_utf8()..)?.starts_with('\'') {
        return Some(first.len_utf8() + 2);
    }
    let lifetime = body.find(|c: char| !c.is_alphanumeric() && c != '_');
    Some(1 + lifetime.unwrap_or(body.len()))
}

/// Leaves out every item under `#[cfg(test)]`.
fn without_tests(all: Vec<Token>) -> Vec<Token> {
    let marker: Vec<_> = tokens("#[cfg(test)]").into_iter().map(|token| token.0).collect();
    let (mut kept, mut at) = (Vec::new(), 0);
    while let Some(token) = all.get(at) {
        let here = all.iter().skip(at).take(marker.len());
        if here.map(|token| &token.0).eq(&marker) {
            at += marker.len() + item_length(all.get(at + marker.len()..).unwrap_or_default());
        } else {
            kept.push(token.clone());
            at += 1;
        }
    }
    kept
}

/// The length of the item at the beginning of `tokens`: up to its `;`, or to the end of its braces.
fn item_length(tokens: &[Token]) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        depth += match token.0.as_str() {
            "{" | "(" | "[" => 1,
            "}" | ")" | "]" => -1,
            _ => 0,
        };
        if depth == 0 && (token.is(";") || token.is("}")) {
            return at + 1;
        }
    }
    tokens.len()
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

/// A document that names a file that is gone misleads whoever reads it.
#[test]
fn every_path_that_a_document_names_exists() {
    let documents = ["README.md", "web/README.md"].map(|name| root().join(name)).into_iter();
    let docs = fs::read_dir(root().join("docs")).unwrap().flatten().map(|entry| entry.path());
    let mut named = 0;
    let mut missing = Vec::new();
    for document in documents.chain(docs).filter(|path| path.extension().is_some_and(|end| end == "md")) {
        let text = fs::read_to_string(&document).unwrap();
        // What stands in backticks and looks like a path of ours, without what tells a part of it (`routes.rs::TABLE`).
        let quoted = text.split('`').skip(1).step_by(2);
        for path in quoted.map(|path| path.split("::").next().unwrap_or(path)).filter(|path| is_ours(path)) {
            named += 1;
            let beside = document.parent().is_some_and(|folder| folder.join(path).exists());
            if !beside && !root().join(path).exists() {
                missing.push(format!("{}: {path}", document.display()));
            }
        }
    }
    assert!(named > 50, "only {named} paths were found: are documents read correctly?");
    assert!(missing.is_empty(), "these paths do not exist:\n{}", missing.join("\n"));
}

/// Whether a word is a whole path below one of our folders; `<…>` and `*` stand for names that vary.
fn is_ours(word: &str) -> bool {
    let ours = [
        "src/",
        "web/src/",
        "web/test/",
        "tests/",
        "benches/",
        "migrations/",
        "config/",
        "docs/",
        "scripts/",
    ];
    ours.iter().any(|folder| word.starts_with(folder)) && !word.contains(['<', '*', ' ', '{', '…'])
}

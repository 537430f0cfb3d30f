//! Two organisations on one server, with everything in them. Every operation of the URL table is called with each of
//! the other's identifiers, by a member and by an administrator: it must be answered as if there were no such thing.
//!
//! An operation that this file does not know how to call fails it: a new one is to be entered in the tables at the end.

use std::collections::BTreeMap;

use reqwest::Method;
use rustchat::api::{Operation, operations};
use rustchat::wire::UserId;
use serde_json::{Value, json};

use crate::support::cluster::sql;
use crate::support::form::{Form, png};
use crate::support::person::Answer;
use crate::support::{PASSWORD, Person, Server, Socket, id, text, visitor};

/// What stands in a path, a query or a body for something of a kind.
type Names = BTreeMap<&'static str, String>;

/// An organisation, and the names of what is in it.
struct House {
    admin: Person,
    member: Person,
    names: Names,
}

/// An organisation with something of every kind in it. All names begin with `letter`.
async fn furnished(server: &Server, letter: &str) -> House {
    let name = |rest: &str| format!("{letter}-{rest}");
    let admin =
        json!({"username": name("head"), "email": format!("{letter}@example.com"), "password": PASSWORD});
    let new = json!({"slug": name("house"), "name": name("house"), "admin": admin});
    let org = id(&server.admin.post("/organizations", new).await.is(201));
    let base = format!("{}/o/{letter}-house", server.base);
    let admin = visitor(&base).log_in(&name("head")).await;
    let member = crate::support::moves_in(&base, &name("member")).await;
    let other = crate::support::moves_in(&base, &name("other")).await;
    let team = admin.makes_team(&name("crew")).await;
    admin.brings_into_team(&team, &member).await;
    admin.brings_into_team(&team, &other).await;
    let channel = admin.makes_channel(&team, &name("deck")).await;
    admin.brings_into_channel(&channel, &member).await;
    let secret = other.makes_private_channel(&team, &name("hold")).await;
    other.posts(&secret, "psst").await;
    let direct = member.talks_to(&other).await;
    let post = member.posts(&channel, "hello").await;
    let reaction = json!({"user_id": member.id, "post_id": post["id"], "emoji_name": "heart"});
    member.post("/reactions", reaction).await.is(200);
    let upload = format!("/files?channel_id={channel}&filename=words.txt");
    let file = Answer::of(member.request(Method::POST, &upload).body("words")).await.is(201);
    let attached = json!({"channel_id": channel, "message": "", "file_ids": [file["file_infos"][0]["id"]]});
    member.post("/posts", attached).await.is(201);
    let bot = admin.post("/bots", json!({"username": name("bot")})).await.is(201);
    let upload = json!({"channel_id": channel, "filename": "later.txt", "file_size": 3});
    let upload = member.post("/uploads", upload).await.is(201);
    let told = json!({"name": format!("{letter}emoji"), "creator_id": member.id}).to_string();
    let emoji = Form::default().file("image", "a.png", &png(16, 16)).field("emoji", &told);
    let emoji = member.sends("/emoji", emoji).await.is(201);
    let scheme = json!({"name": name("scheme"), "display_name": name("scheme"), "scope": "channel"});
    let scheme = admin.post("/schemes", scheme).await.is(201);
    let token = json!({"description": "for a program"});
    let token = admin.post("/users/me/tokens", token).await.is(200);
    let sessions = member.get("/users/me/sessions").await.is(200);
    let roles = admin.get("/roles").await.is(200);
    let names = [
        ("org_id", org),
        ("user_id", other.id.clone()),
        ("username", other.name.clone()),
        ("email", format!("{}@example.com", other.name)),
        ("team_id", team.clone()),
        ("team_name", name("crew")),
        ("invite_id", text(&admin.get(&format!("/teams/{team}")).await.is(200), "invite_id")),
        ("channel_id", channel),
        ("channel_name", name("deck")),
        ("direct", direct),
        ("post_id", id(&post)),
        ("file_id", id(&file["file_infos"][0])),
        ("bot_user_id", text(&bot, "user_id")),
        ("session_id", id(&sessions[0])),
        ("emoji_id", id(&emoji)),
        ("upload_id", id(&upload)),
        ("scheme_id", id(&scheme)),
        ("token_id", id(&token)),
        ("role_id", id(&roles[0])),
    ];
    House { admin, member, names: names.into() }
}

/// What a kind is called where there is nothing of it.
fn nothing(kind: &str) -> String {
    match kind {
        "username" | "team_name" | "channel_name" => "z-nobody".to_owned(),
        "email" => "z-nobody@example.com".to_owned(),
        _ => UserId::new().to_string(),
    }
}

/// The parameters of a path.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// A path with names in the place of its parameters.
fn filled(path: &'static str, names: &Names) -> Result<String, String> {
    let mut filled = path.trim_start_matches("/api/v4").to_owned();
    for parameter in parameters(path) {
        let plain = PLAIN.iter().find(|(name, _)| *name == parameter).map(|(_, value)| (*value).to_owned());
        let value = names.get(parameter).cloned().or(plain);
        let value =
            value.ok_or_else(|| format!("{path}: a parameter {parameter} that the test does not know"))?;
        filled = filled.replace(&format!("{{{parameter}}}"), &value);
    }
    Ok(filled)
}

/// What was answered, without what differs each time and without the name that was asked for.
async fn answered(who: &Person, method: &str, path: &str, body: Option<Value>, name: &str) -> (u16, String) {
    let answer = if (method, path.ends_with("/image")) == ("POST", true) {
        who.sends(path, Form::default().file("image", "a.png", &png(16, 16))).await
    } else {
        who.ask(method.parse().unwrap(), path, body).await
    };
    let mut said = answer.body.replace(name, "…");
    if let Ok(Value::Object(mut error)) = serde_json::from_str::<Value>(&said) {
        error.remove("request_id");
        said = Value::Object(error).to_string();
    }
    (answer.status, said)
}

/// Everything that the database has of an organisation.
fn contents(server: &Server, org: &str) -> Vec<String> {
    let of = |table: &str, condition: &str| {
        let rows = format!(
            "select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {table} t where {condition}"
        );
        format!("{table} {}", sql(&server.database, &rows))
    };
    let org = format!("(select id from orgs where slug = '{org}')");
    let users = format!("user_id in (select id from users where org_id = {org})");
    let channels = format!("channel_id in (select id from channels where org_id = {org})");
    let direct =
        ["users", "teams", "channels", "files", "audits"].map(|table| of(table, &format!("org_id = {org}")));
    let theirs =
        ["sessions", "preferences", "statuses", "team_members", "reactions"].map(|table| of(table, &users));
    let said = ["posts", "channel_members"].map(|table| of(table, &channels));
    direct.into_iter().chain(theirs).chain(said).collect()
}

/// What is wrong, and how much was tried.
#[derive(Default)]
struct Findings {
    wrong: Vec<String>,
    cases: usize,
}

impl Findings {
    /// Asks for something of the other house and for nothing, and compares. `open`: an answer that is no refusal is
    /// right too, as long as both are the same.
    async fn compare(
        &mut self,
        who: &Person,
        method: &str,
        asks: [(String, Option<Value>, String); 2],
        open: bool,
    ) {
        self.cases += 1;
        let [(path, body, name), (empty, nobody, none)] = asks;
        let what = format!("{method} {path} {} by {}", body.clone().unwrap_or_default(), who.name);
        let foreign = answered(who, method, &path, body, &name).await;
        let absent = answered(who, method, &empty, nobody, &none).await;
        // What was made is new each time.
        let made = (foreign.0, absent.0) == (201, 201);
        if foreign != absent && !made {
            self.wrong.push(format!("{what}: {foreign:?}, and where there is nothing {absent:?}"));
        } else if !open && !matches!(foreign.0, 403 | 404) {
            self.wrong.push(format!("{what}: {foreign:?}"));
        }
    }
}

#[tokio::test]
async fn nothing_of_another_organisation_is_found_changed_or_heard() {
    let server = Server::with(&[("FILES__PUBLIC_LINKS", "true")]).await;
    let (ours, theirs) = (furnished(&server, "a").await, furnished(&server, "b").await);
    let mut ear: Socket = theirs.member.listens().await;
    ear.heard_by_now(&theirs.member).await;
    let before = contents(&server, "b-house");
    let mut found = Findings::default();
    let routes = operations();
    let called =
        routes.iter().filter(|o| o.path.starts_with("/api/v4/") && !UNCALLED.contains(&(o.method, o.path)));
    for operation in called.clone() {
        in_paths(operation, &ours, &theirs, &mut found).await;
    }
    in_queries(&ours, &theirs, &mut found).await;
    for operation in called.filter(|o| matches!(o.method, "POST" | "PUT")) {
        in_bodies(operation, &ours, &theirs, &mut found).await;
    }
    assert_eq!(before, contents(&server, "b-house"), "something of the other organisation was changed");
    assert_eq!(ear.heard_by_now(&theirs.member).await, Vec::<String>::new());
    println!("{} routes, {} cases", routes.len(), found.cases);
    assert!(found.wrong.is_empty(), "{} of {}:\n{}", found.wrong.len(), found.cases, found.wrong.join("\n"));
    assert!(routes.len() > 150 && found.cases > 300, "{} routes, {} cases", routes.len(), found.cases);
}

async fn in_paths(operation: &Operation, ours: &House, theirs: &House, found: &mut Findings) {
    for parameter in parameters(operation.path).filter(|p| theirs.names.contains_key(*p)) {
        // What has the same name everywhere belongs to nobody.
        if ours.names[parameter] == theirs.names[parameter] {
            continue;
        }
        let ask = |value: &str| {
            let mut names = ours.names.clone();
            *names.get_mut(parameter).unwrap() = value.to_owned();
            let body = sample(operation, &ours.names[KIND], value);
            filled(operation.path, &names).map(|path| (path, body, value.to_owned()))
        };
        match (ask(&theirs.names[parameter]), ask(&nothing(parameter))) {
            (Ok(foreign), Ok(absent)) => {
                let open = OPEN.contains(&(operation.method, operation.path));
                for who in [&ours.member, &ours.admin] {
                    found.compare(who, operation.method, [foreign.clone(), absent.clone()], open).await;
                }
            }
            (Err(unknown), _) | (_, Err(unknown)) => found.wrong.push(unknown),
        }
    }
}

async fn in_queries(ours: &House, theirs: &House, found: &mut Findings) {
    for (path, query, kind) in QUERIES {
        let ask =
            |value: String| (format!("{}?{query}={value}", filled(path, &ours.names).unwrap()), None, value);
        for who in [&ours.member, &ours.admin] {
            found.compare(who, "GET", [ask(theirs.names[*kind].clone()), ask(nothing(kind))], true).await;
        }
    }
}

async fn in_bodies(operation: &Operation, ours: &House, theirs: &House, found: &mut Findings) {
    let known: Vec<_> =
        BODIES.iter().filter(|(m, p, ..)| (*m, *p) == (operation.method, operation.path)).collect();
    if known.is_empty() && !HARMLESS.contains(&(operation.method, operation.path)) {
        found
            .wrong
            .push(format!("{} {}: a body that the test does not know", operation.method, operation.path));
    }
    for (method, path, body, kind) in known {
        let ask = |value: String| {
            let mut text = body.replace("$$", &value);
            for (name, own) in &ours.names {
                text = text.replace(&format!("${name}"), own);
            }
            let body = serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {text}"));
            (filled(path, &ours.names).unwrap(), Some(body), value)
        };
        for who in [&ours.member, &ours.admin] {
            found.compare(who, method, [ask(theirs.names[*kind].clone()), ask(nothing(kind))], true).await;
        }
    }
}

/// A body that an operation takes, with our `own` name in it, so that it comes to the look for `asked`, the path's
/// name.
fn sample(operation: &Operation, own: &str, asked: &str) -> Option<Value> {
    let known = SAMPLES.iter().find(|(m, p, _)| (*m, *p) == (operation.method, operation.path));
    if let Some((.., body)) = known {
        let body = body.replace("$$", asked).replace("$own", own);
        return Some(serde_json::from_str(&body).unwrap_or_else(|_| panic!("no JSON: {body}")));
    }
    if matches!(operation.method, "GET" | "DELETE") {
        return None;
    }
    if ["/ids", "/batch"].iter().any(|end| operation.path.ends_with(end)) {
        return Some(json!([own]));
    }
    Some(json!({
        "user_id": own, "message": "x", "display_name": "x", "term": "x", "terms": "x", "roles": "system_user", "active": true,
        "scheme_user": true, "scheme_admin": false, "privacy": "O", "username": "x", "email": "x@example.com",
        "new_password": PASSWORD, "current_password": PASSWORD, "session_id": own, "description": "x", "activate": false,
        "emoji": "heart", "text": "x",
    }))
}

/// Whose name stands in sample bodies.
const KIND: &str = "user_id";

/// Parameters that name nothing of an organisation's own.
const PLAIN: &[(&str, &str)] =
    &[("category", "mark"), ("name", "here"), ("role_name", "system_user"), ("emoji_name", "heart")];

/// Bodies that the common sample does not serve; `$$` is the name that is asked for in the path, `$own` one of ours.
const SAMPLES: &[(&str, &str, &str)] = &[
    ("PUT", "/api/v4/posts/{post_id}", r#"{"id": "$$", "message": "x"}"#),
    ("POST", "/api/v4/users/{user_id}/mfa/recovery_codes", r#"{"code": "123456"}"#),
    ("POST", "/api/v4/bots/{bot_user_id}/convert_to_user", r#"{"password": "Sw0rdfish!x9"}"#),
    ("PUT", "/api/v4/users/{user_id}", r#"{"id": "$$", "username": "x", "email": "x@example.com"}"#),
    ("PUT", "/api/v4/users/{user_id}/status", r#"{"user_id": "$$", "status": "away"}"#),
    ("DELETE", "/api/v4/users/{user_id}/status/custom/recent", r#"{"emoji": "heart", "text": "x"}"#),
    (
        "PUT",
        "/api/v4/users/{user_id}/preferences",
        r#"[{"user_id": "$$", "category": "c", "name": "n", "value": "v"}]"#,
    ),
    (
        "POST",
        "/api/v4/users/{user_id}/preferences/delete",
        r#"[{"user_id": "$$", "category": "c", "name": "n"}]"#,
    ),
    ("PUT", "/api/v4/teams/{team_id}", r#"{"id": "$$", "display_name": "x"}"#),
    ("PUT", "/api/v4/teams/{team_id}/scheme", r#"{"scheme_id": ""}"#),
    ("PUT", "/api/v4/teams/{team_id}/members/{user_id}/roles", r#"{"roles": "team_user"}"#),
    ("POST", "/api/v4/channels/members/{user_id}/mark_read", r#"["$own"]"#),
    ("PUT", "/api/v4/channels/{channel_id}", r#"{"id": "$$", "display_name": "x"}"#),
    ("PUT", "/api/v4/channels/{channel_id}/scheme", r#"{"scheme_id": ""}"#),
    ("PUT", "/api/v4/channels/{channel_id}/members/{user_id}/roles", r#"{"roles": "channel_user"}"#),
    (
        "PUT",
        "/api/v4/channels/{channel_id}/members/{user_id}/notify_props",
        r#"{"user_id": "$own", "channel_id": "$$", "desktop": "all"}"#,
    ),
];

/// Operations that end what the others need, or take no JSON.
const UNCALLED: &[(&str, &str)] = &[
    ("GET", "/api/v4/websocket"),
    ("POST", "/api/v4/users/logout"),
    ("POST", "/api/v4/users/sessions/revoke/all"),
    ("POST", "/api/v4/files"),
    ("POST", "/api/v4/emoji"),
];

/// Operations that answer a name of nothing otherwise than by a refusal.
const OPEN: &[(&str, &str)] = &[
    ("GET", "/api/v4/teams/name/{team_name}/exists"),
    // Lists of what is an account's: empty where there is no such account.
    ("GET", "/api/v4/users/{user_id}/audits"),
    // The protocol's answer for somebody who is no member, whoever they are.
    ("DELETE", "/api/v4/teams/{team_id}/members/{user_id}"),
    // A link without its signature is none, whatever it names.
    ("GET", "/api/v4/files/{file_id}/public"),
    // Sets of names: those of nothing are left out.
    ("POST", "/api/v4/teams/{team_id}/members"),
    ("POST", "/api/v4/teams/{team_id}/members/batch"),
    // An administrator asks for another's: there is nothing of theirs, and nothing to do.
    ("DELETE", "/api/v4/users/{user_id}/posts/{post_id}/reactions/{emoji_name}"),
    ("POST", "/api/v4/channels/members/{user_id}/view"),
    ("POST", "/api/v4/channels/members/{user_id}/mark_read"),
    ("PUT", "/api/v4/channels/members/{user_id}/direct/read"),
    ("GET", "/api/v4/users/{user_id}/teams"),
    ("GET", "/api/v4/users/{user_id}/teams/members"),
    ("GET", "/api/v4/users/{user_id}/teams/unread"),
    ("GET", "/api/v4/users/{user_id}/teams/{team_id}/unread"),
    ("PUT", "/api/v4/users/{user_id}/teams/{team_id}/read"),
    ("GET", "/api/v4/users/{user_id}/teams/{team_id}/channels"),
    ("GET", "/api/v4/users/{user_id}/teams/{team_id}/channels/members"),
    ("GET", "/api/v4/users/{user_id}/channels"),
    ("GET", "/api/v4/users/{user_id}/channel_members"),
];

/// What narrows lists: the path, the name in the query, and of what kind it is.
const QUERIES: &[(&str, &str, &str)] = &[
    ("/api/v4/users", "in_team", "team_id"),
    ("/api/v4/users", "not_in_team", "team_id"),
    ("/api/v4/users", "in_channel", "channel_id"),
    ("/api/v4/users", "not_in_channel", "channel_id"),
    ("/api/v4/users/autocomplete", "in_team", "team_id"),
    ("/api/v4/users/autocomplete", "in_channel", "channel_id"),
    ("/api/v4/users/autocomplete", "name", "username"),
    ("/api/v4/channels/{channel_id}/posts", "before", "post_id"),
    ("/api/v4/channels/{channel_id}/posts", "after", "post_id"),
    ("/api/v4/audits", "user_id", "user_id"),
];

/// Identifiers in bodies: the operation, its body, in which `$$` is the other's name and `$kind` our own, and the kind.
const BODIES: &[(&str, &str, &str, &str)] = &[
    ("POST", "/api/v4/users/ids", r#"["$$"]"#, "user_id"),
    ("POST", "/api/v4/users/usernames", r#"["$$"]"#, "username"),
    ("POST", "/api/v4/users/group_channels", r#"["$$"]"#, "direct"),
    ("POST", "/api/v4/users/status/ids", r#"["$user_id", "$$"]"#, "user_id"),
    ("POST", "/api/v4/users/search", r#"{"term": "$$"}"#, "username"),
    ("POST", "/api/v4/users/search", r#"{"term": "b", "team_id": "$$"}"#, "team_id"),
    ("POST", "/api/v4/users/search", r#"{"term": "b", "in_channel_id": "$$"}"#, "channel_id"),
    ("POST", "/api/v4/users/{user_id}/sessions/revoke", r#"{"session_id": "$$"}"#, "session_id"),
    ("POST", "/api/v4/users/login", r#"{"login_id": "$$", "password": "Sw0rdfish!x9"}"#, "username"),
    (
        "PUT",
        "/api/v4/users/{user_id}/preferences",
        r#"[{"user_id": "$$", "category": "c", "name": "n", "value": "v"}]"#,
        "user_id",
    ),
    (
        "POST",
        "/api/v4/users/{user_id}/preferences/delete",
        r#"[{"user_id": "$$", "category": "c", "name": "n"}]"#,
        "user_id",
    ),
    ("PUT", "/api/v4/users/{user_id}/status", r#"{"user_id": "$$", "status": "away"}"#, "user_id"),
    ("POST", "/api/v4/teams/members/invite", "{}", "invite_id"),
    (
        "POST",
        "/api/v4/teams/{team_id}/invite/email",
        r#"{"emails": ["x@example.com"], "channelIds": ["$$"]}"#,
        "channel_id",
    ),
    (
        "POST",
        "/api/v4/teams/{team_id}/invite-guests/email",
        r#"{"emails": ["x@example.com"], "channels": ["$$"]}"#,
        "channel_id",
    ),
    ("POST", "/api/v4/teams/search", r#"{"term": "$$"}"#, "team_name"),
    ("POST", "/api/v4/teams/{team_id}/members", r#"{"team_id": "$team_id", "user_id": "$$"}"#, "user_id"),
    (
        "POST",
        "/api/v4/teams/{team_id}/members/batch",
        r#"[{"team_id": "$team_id", "user_id": "$$"}]"#,
        "user_id",
    ),
    ("POST", "/api/v4/teams/{team_id}/members/ids", r#"["$$"]"#, "user_id"),
    ("POST", "/api/v4/teams/{team_id}/channels/ids", r#"["$$"]"#, "channel_id"),
    ("POST", "/api/v4/teams/{team_id}/channels/search", r#"{"term": "$$"}"#, "channel_name"),
    ("POST", "/api/v4/teams/{team_id}/posts/search", r#"{"terms": "from:$$"}"#, "username"),
    ("POST", "/api/v4/posts/search", r#"{"terms": "in:$$"}"#, "channel_name"),
    (
        "POST",
        "/api/v4/channels",
        r#"{"team_id": "$$", "name": "new", "display_name": "new", "type": "O"}"#,
        "team_id",
    ),
    ("POST", "/api/v4/channels/direct", r#"["$user_id", "$$"]"#, "user_id"),
    ("POST", "/api/v4/channels/group", r#"["$user_id", "$$", "$bot_user_id"]"#, "user_id"),
    ("POST", "/api/v4/channels/group/search", r#"{"term": "$$"}"#, "username"),
    ("POST", "/api/v4/channels/search", r#"{"term": "$$"}"#, "channel_name"),
    ("POST", "/api/v4/channels/stats/member_count", r#"["$$"]"#, "channel_id"),
    ("POST", "/api/v4/channels/members/{user_id}/view", r#"{"channel_id": "$$"}"#, "channel_id"),
    ("POST", "/api/v4/channels/members/{user_id}/mark_read", r#"["$$"]"#, "channel_id"),
    ("POST", "/api/v4/channels/{channel_id}/members", r#"{"user_id": "$$"}"#, "user_id"),
    ("POST", "/api/v4/channels/{channel_id}/members/ids", r#"["$$"]"#, "user_id"),
    ("POST", "/api/v4/posts", r#"{"channel_id": "$$", "message": "hi"}"#, "channel_id"),
    (
        "POST",
        "/api/v4/posts",
        r#"{"channel_id": "$channel_id", "root_id": "$$", "message": "hi"}"#,
        "post_id",
    ),
    (
        "POST",
        "/api/v4/posts",
        r#"{"channel_id": "$channel_id", "file_ids": ["$$"], "message": ""}"#,
        "file_id",
    ),
    ("POST", "/api/v4/posts/ids", r#"["$$"]"#, "post_id"),
    ("POST", "/api/v4/posts/ids/reactions", r#"["$$"]"#, "post_id"),
    (
        "POST",
        "/api/v4/posts/ephemeral",
        r#"{"user_id": "$$", "post": {"channel_id": "$channel_id", "message": "x"}}"#,
        "user_id",
    ),
    (
        "POST",
        "/api/v4/reactions",
        r#"{"user_id": "$user_id", "post_id": "$$", "emoji_name": "heart"}"#,
        "post_id",
    ),
    ("POST", "/api/v4/roles/names", r#"["$$"]"#, "team_name"),
    ("POST", "/api/v4/organizations", r#"{"slug": "$$", "name": "x"}"#, "team_name"),
    ("POST", "/api/v4/files/search", r#"{"terms": "in:$$"}"#, "channel_name"),
    ("POST", "/api/v4/teams/{team_id}/files/search", r#"{"terms": "from:$$"}"#, "username"),
    ("POST", "/api/v4/uploads", r#"{"channel_id": "$$", "filename": "a.txt", "file_size": 3}"#, "channel_id"),
    ("PUT", "/api/v4/channels/{channel_id}/scheme", r#"{"scheme_id": "$$"}"#, "scheme_id"),
    ("PUT", "/api/v4/teams/{team_id}/scheme", r#"{"scheme_id": "$$"}"#, "scheme_id"),
    ("POST", "/api/v4/users/tokens/revoke", r#"{"token_id": "$$"}"#, "token_id"),
    ("POST", "/api/v4/users/tokens/disable", r#"{"token_id": "$$"}"#, "token_id"),
    ("POST", "/api/v4/users/tokens/enable", r#"{"token_id": "$$"}"#, "token_id"),
    ("POST", "/api/v4/users/tokens/rotate", r#"{"token_id": "$$"}"#, "token_id"),
    ("POST", "/api/v4/users/tokens/search", r#"{"term": "$$"}"#, "username"),
];

/// Operations whose body names nothing that others could have.
const HARMLESS: &[(&str, &str)] = &[
    ("POST", "/api/v4/opengraph"),
    ("POST", "/api/v4/schemes"),
    ("POST", "/api/v4/uploads/{upload_id}"),
    ("POST", "/api/v4/users/login/switch"),
    ("POST", "/api/v4/users/{user_id}/demote"),
    ("POST", "/api/v4/users/{user_id}/promote"),
    ("PUT", "/api/v4/schemes/{scheme_id}/patch"),
    ("POST", "/api/v4/bots"),
    ("POST", "/api/v4/bots/{bot_user_id}/assign/{user_id}"),
    ("POST", "/api/v4/bots/{bot_user_id}/convert_to_user"),
    ("POST", "/api/v4/bots/{bot_user_id}/disable"),
    ("POST", "/api/v4/bots/{bot_user_id}/enable"),
    ("POST", "/api/v4/channels/{channel_id}/restore"),
    ("POST", "/api/v4/emoji/names"),
    ("POST", "/api/v4/emoji/search"),
    ("POST", "/api/v4/organizations/{org_id}/resume"),
    ("POST", "/api/v4/organizations/{org_id}/suspend"),
    ("POST", "/api/v4/posts/{post_id}/pin"),
    ("POST", "/api/v4/posts/{post_id}/unpin"),
    ("POST", "/api/v4/teams"),
    ("POST", "/api/v4/teams/{team_id}/image"),
    ("POST", "/api/v4/teams/{team_id}/regenerate_invite_id"),
    ("POST", "/api/v4/teams/{team_id}/restore"),
    ("POST", "/api/v4/users"),
    ("POST", "/api/v4/users/email/verify"),
    ("POST", "/api/v4/users/email/verify/send"),
    ("POST", "/api/v4/users/login/type"),
    ("POST", "/api/v4/users/password/reset"),
    ("POST", "/api/v4/users/password/reset/send"),
    ("POST", "/api/v4/users/tokens/non_compliant/revoke"),
    ("POST", "/api/v4/users/{user_id}/convert_to_bot"),
    ("POST", "/api/v4/users/{user_id}/email/verify/member"),
    ("POST", "/api/v4/users/{user_id}/image"),
    ("POST", "/api/v4/users/{user_id}/mfa/generate"),
    ("POST", "/api/v4/users/{user_id}/mfa/recovery_codes"),
    ("POST", "/api/v4/users/{user_id}/posts/{post_id}/set_unread"),
    ("POST", "/api/v4/users/{user_id}/sessions/revoke/all"),
    ("POST", "/api/v4/users/{user_id}/status/custom/recent/delete"),
    ("POST", "/api/v4/users/{user_id}/tokens"),
    ("PUT", "/api/v4/bots/{bot_user_id}"),
    ("PUT", "/api/v4/channels/members/{user_id}/direct/read"),
    ("PUT", "/api/v4/channels/{channel_id}"),
    ("PUT", "/api/v4/channels/{channel_id}/members/{user_id}/notify_props"),
    ("PUT", "/api/v4/channels/{channel_id}/members/{user_id}/roles"),
    ("PUT", "/api/v4/channels/{channel_id}/members/{user_id}/schemeRoles"),
    ("PUT", "/api/v4/channels/{channel_id}/patch"),
    ("PUT", "/api/v4/channels/{channel_id}/privacy"),
    ("PUT", "/api/v4/organizations/operators/{user_id}"),
    ("PUT", "/api/v4/organizations/{org_id}/admins/{user_id}"),
    ("PUT", "/api/v4/organizations/{org_id}/patch"),
    ("PUT", "/api/v4/posts/{post_id}"),
    ("PUT", "/api/v4/posts/{post_id}/patch"),
    ("PUT", "/api/v4/roles/{role_id}/patch"),
    ("PUT", "/api/v4/teams/{team_id}"),
    ("PUT", "/api/v4/teams/{team_id}/members/{user_id}/roles"),
    ("PUT", "/api/v4/teams/{team_id}/members/{user_id}/schemeRoles"),
    ("PUT", "/api/v4/teams/{team_id}/patch"),
    ("PUT", "/api/v4/teams/{team_id}/privacy"),
    ("PUT", "/api/v4/users/sessions/device"),
    ("PUT", "/api/v4/users/{user_id}"),
    ("PUT", "/api/v4/users/{user_id}/active"),
    ("PUT", "/api/v4/users/{user_id}/mfa"),
    ("PUT", "/api/v4/users/{user_id}/password"),
    ("PUT", "/api/v4/users/{user_id}/patch"),
    ("PUT", "/api/v4/users/{user_id}/roles"),
    ("PUT", "/api/v4/users/{user_id}/status/custom"),
    ("PUT", "/api/v4/users/{user_id}/teams/{team_id}/read"),
];

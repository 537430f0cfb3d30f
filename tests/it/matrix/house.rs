//! Everybody there is, and something for them to ask about. Who changes something changes what was made for that case:
//! the next case finds a new team, channel and post.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use super::Line;
use crate::support::cluster::sql;
use crate::support::socket::{handshake, refusal};
use crate::support::{NOBODY, Person, Server, Socket, id, text, visitor};

/// Who asks, in the order of the table.
pub(super) const PRINCIPALS: [&str; 12] = [
    "anon", "guest", "member", "removed", "other", "chadmin", "tadmin", "admin", "operator", "bot", "off",
    "revoked",
];

/// Those who are brought into each new team, and its channel.
const INSIDE: [&str; 5] = ["guest", "member", "removed", "chadmin", "revoked"];

/// Those who have a login of their own.
const LOGGED_IN: [&str; 8] =
    ["guest", "member", "removed", "other", "chadmin", "tadmin", "admin", "operator"];

/// What a case has used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Used {
    Nothing,
    /// The team, its channel or the post.
    Team,
    /// The account as well, the bot or the scheme.
    Everything,
}

impl Used {
    /// By the path of something that was done. Questions that are posted use nothing.
    fn by(path: &str) -> Self {
        let of_accounts = ["/users", "/bots", "/schemes", "/roles", "/emoji", "/organizations"];
        match path {
            _ if is_question(path) => Self::Nothing,
            _ if of_accounts.iter().any(|start| path.starts_with(start)) => Self::Everything,
            _ => Self::Team,
        }
    }
}

/// Whether what is posted there only asks.
pub(super) fn is_question(path: &str) -> bool {
    let asks = ["/ids", "/names", "/usernames", "/search", "/reactions", "/member_count", "/group_channels"];
    asks.iter().any(|end| path.ends_with(end)) && path != "/reactions"
}

/// An operation that an operator does before somebody asks.
#[derive(Debug)]
pub(super) struct First {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) with: String,
}

/// A server with everybody, and what the next case is about.
pub(super) struct House {
    server: Server,
    people: Vec<(&'static str, Person)>,
    names: BTreeMap<String, String>,
    made: u32,
    used: Used,
}

impl House {
    pub(super) async fn new() -> Self {
        let server = Server::with(&[
            ("LIMITS__TEAMS_PER_USER", "100000"),
            ("LIMITS__ENABLED", "false"),
            // Who holds a connection must not wait for another: many such requests at once would wait for each other.
            ("DATABASE__CONNECTIONS", "1"),
        ])
        .await;
        let people = ["guest", "member", "removed", "other", "chadmin", "tadmin", "chief", "off", "revoked"];
        let stranger = server.sign_up("stranger").await;
        let signed = server.sign_up_all(people).await;
        let mut people: Vec<_> = people.into_iter().zip(signed).collect();
        // The first account has the administrator's name, and is operator.
        people.iter_mut().filter(|(name, _)| *name == "chief").for_each(|(name, _)| *name = "admin");
        people.push(("anon", visitor(&server.base)));
        people.push(("operator", server.admin.clone()));
        let known =
            [("stranger", stranger.id.as_str()), ("role_name", "team_user"), ("channel_name", "chat")];
        let more = [("emoji_name", "smile"), ("category", "c"), ("name", "n"), ("nobody", NOBODY)];
        let names = known.into_iter().chain(more).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        let mut house = Self { server, people, names, made: 0, used: Used::Everything };
        house.settle().await;
        house
    }

    /// Makes everybody what they are.
    async fn settle(&mut self) {
        let admin = self.server.admin.clone();
        admin.post(&format!("/users/{}/demote", self.who("guest").id), json!({})).await.is(200);
        let roles = json!({"roles": "system_user system_admin"});
        admin.put(&format!("/users/{}/roles", self.who("admin").id), roles).await.is(200);
        self.who("other").makes_team("elsewhere").await;
        let bot = self.bot().await;
        self.people.push(("bot", bot));
        self.renew().await;
        let off = format!("/users/{}/active", self.who("off").id);
        admin.put(&off, json!({"active": false})).await.is(200);
        self.who("revoked").post("/users/me/sessions/revoke/all", json!({})).await.is(200);
    }

    /// A bot with a token.
    async fn bot(&self) -> Person {
        let admin = &self.server.admin;
        let bot = admin.post("/bots", json!({"username": "robot"})).await.is(201);
        let bot = text(&bot, "user_id");
        let token =
            admin.post(&format!("/users/{bot}/tokens"), json!({"description": "matrix"})).await.is(200);
        let mut robot = admin.clone();
        (robot.id, robot.name, robot.token) = (bot, "robot".to_owned(), text(&token, "token"));
        robot
    }

    fn who(&self, name: &str) -> &Person {
        &self.people.iter().find(|(known, _)| *known == name).unwrap().1
    }

    /// Makes anew what the last case changed.
    async fn renew(&mut self) {
        self.made += 1;
        if self.used == Used::Everything {
            self.renew_account().await;
        }
        self.renew_team().await;
        self.used = Used::Nothing;
    }

    /// A new account that others may do something to, a bot, a scheme and another organisation. Whether it can log in
    /// does not matter, so no password is hashed for it.
    async fn renew_account(&mut self) {
        let (n, admin) = (self.made, self.server.admin.clone());
        let copy = format!(
            "insert into users select (jsonb_populate_record(u, jsonb_build_object('id', gen_random_uuid(), \
             'username', 'user{n}', 'email', 'user{n}@example.com'))).* from users u where username = 'member'"
        );
        sql(&self.server.database, &copy);
        let user = id(&admin.get(&format!("/users/username/user{n}")).await.is(200));
        let bot = admin.post("/bots", json!({"username": format!("robot{n}")})).await.is(201);
        let scheme = admin.post("/schemes", json!({"display_name": "x", "scope": "team"})).await.is(201);
        let role = id(&admin.get("/roles/name/channel_user").await.is(200));
        let org = json!({"slug": format!("org{n}"), "name": "x"});
        let org = id(&admin.post("/organizations", org).await.is(201));
        self.set(&[
            ("user", &user),
            ("username", &format!("user{n}")),
            ("email", &format!("user{n}@example.com")),
            ("bot_user", &text(&bot, "user_id")),
            ("scheme", &id(&scheme)),
            ("role", &role),
            ("org", &org),
        ]);
    }

    /// A new team with a channel and a post, and everybody in it who belongs there.
    async fn renew_team(&mut self) {
        let (n, tadmin, chadmin) = (self.made, self.who("tadmin").clone(), self.who("chadmin").clone());
        let new = json!({"name": format!("team{n}"), "display_name": "x", "type": "I"});
        let new = tadmin.post("/teams", new).await.is(201);
        let (invite, team) = (text(&new, "invite_id"), id(&new));
        let inside: Vec<String> =
            INSIDE.iter().map(|name| self.who(name).id.clone()).chain([self.value("user")]).collect();
        let entries: Vec<Value> =
            inside.iter().map(|user| json!({"team_id": team, "user_id": user})).collect();
        // A guest is among them.
        self.server.admin.post(&format!("/teams/{team}/members/batch"), json!(entries)).await.is(201);
        let channel = chadmin.makes_channel(&team, "chat").await;
        let seated: Vec<&String> = inside.iter().chain([&tadmin.id]).collect();
        chadmin.post(&format!("/channels/{channel}/members"), json!({"user_ids": seated})).await.is(201);
        let post = id(&self.who("member").posts(&channel, "hello").await);
        tadmin.delete(&format!("/teams/{team}/members/{}", self.who("removed").id)).await.is(200);
        let (name, member) = (format!("team{n}"), self.who("member").id.clone());
        self.set(&[("team", &team), ("team_name", &name), ("invite", &invite), ("channel", &channel)]);
        self.set(&[("post", &post), ("member", &member), ("chadmin", &chadmin.id)]);
    }

    fn set(&mut self, values: &[(&str, &str)]) {
        for (name, value) in values {
            self.names.insert((*name).to_owned(), (*value).to_owned());
        }
    }

    /// What `principal` is answered to the operation.
    pub(super) async fn asks(&mut self, principal: &str, (method, path): (&str, &str), with: &str) -> u16 {
        if self.used != Used::Nothing {
            self.renew().await;
        }
        self.puts(principal, (method, path), with).await
    }

    /// The same once an operator did something to a new team or its channel.
    pub(super) async fn asks_after(&mut self, first: &First, principal: &str, line: &Line) -> u16 {
        self.used = self.used.max(Used::Team);
        self.renew().await;
        let done = self.puts("operator", (first.method, first.path), &first.with).await;
        assert_eq!(done, 200, "{first:?}");
        let status = self.puts(principal, (line.method, line.path), &line.with).await;
        self.used = self.used.max(Used::Team);
        status
    }

    /// A scheme of channels in which members do not post.
    pub(super) async fn makes_quiet_scheme(&self) -> String {
        let admin = self.who("operator");
        let scheme =
            admin.post("/schemes", json!({"display_name": "quiet", "scope": "channel"})).await.is(201);
        let role = text(&scheme, "default_channel_user_role");
        let role = admin.get(&format!("/roles/name/{role}")).await.is(200);
        let kept: Vec<&Value> =
            role["permissions"].as_array().unwrap().iter().filter(|p| *p != "create_post").collect();
        let path = format!("/roles/{}/patch", id(&role));
        admin.put(&path, json!({"permissions": kept})).await.is(200);
        id(&scheme)
    }

    async fn puts(&mut self, principal: &str, (method, path): (&str, &str), with: &str) -> u16 {
        let who = self.who(principal).clone();
        let with = self.filled(with, &who);
        if method == "SAY" {
            return says(&who, principal, path, &with).await;
        }
        let (query, body) =
            if with.starts_with('?') { (with.as_str(), None) } else { ("", Some(with.as_str())) };
        let body = body.filter(|body| !body.is_empty()).map(|body| serde_json::from_str(body).unwrap());
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = who.ask(method.clone(), &format!("{}{query}", self.path(path)), body).await;
        if method != Method::GET && answer.status < 300 {
            self.used = Used::by(path);
        }
        match path {
            "/users/logout" if answer.status < 300 => self.come_back(&[principal]).await,
            "/users/sessions/revoke/all" if answer.status < 300 => self.come_back(&LOGGED_IN).await,
            _ => {}
        }
        answer.status
    }

    /// Those whose sessions ended log in again.
    async fn come_back(&mut self, principals: &[&str]) {
        for (name, person) in &mut self.people {
            if LOGGED_IN.contains(name) && principals.contains(name) {
                *person = person.log_in(&person.name.clone()).await;
            }
        }
        self.server.admin = self.who("operator").clone();
    }

    /// The path with what there is in place of its parts.
    fn path(&self, path: &str) -> String {
        let part = |part: &str| match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
            None => part.to_owned(),
            Some(name) => self.value(name.strip_suffix("_id").unwrap_or(name)),
        };
        path.split('/').map(part).collect::<Vec<_>>().join("/")
    }

    fn value(&self, name: &str) -> String {
        self.names.get(name).cloned().unwrap_or_else(|| NOBODY.to_owned())
    }

    /// A query or a body with what there is in place of names.
    fn filled(&self, with: &str, who: &Person) -> String {
        let new = format!("new{}{}", self.made, who.name);
        let me = if who.id.is_empty() { NOBODY.to_owned() } else { who.id.clone() };
        let mut known = vec![("me".to_owned(), me), ("new".to_owned(), new)];
        known.extend(self.names.clone());
        // Longer names first: one may begin another.
        known.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        known.iter().fold(with.to_owned(), |text, (name, value)| text.replace(&format!("${name}"), value))
    }
}

/// The same on a socket; those whose login is over are refused with the handshake.
async fn says(who: &Person, principal: &str, action: &str, with: &str) -> u16 {
    let bearer = format!("Bearer {}", who.token);
    let shake = handshake(&who.base, &[("authorization", bearer.as_str())]);
    let mut socket = match principal {
        "off" | "revoked" => return refusal(shake).await,
        "anon" => Socket::connect(handshake(&who.base, &[])).await,
        _ => Socket::connect(shake).await,
    };
    let reply = socket.request(action, serde_json::from_str(with).unwrap()).await;
    match reply["status"].as_str() {
        Some("OK") => 200,
        _ => u16::try_from(reply["error"]["status_code"].as_u64().unwrap()).unwrap(),
    }
}

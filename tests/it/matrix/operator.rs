//! Every operation that changes something of an account, asked by those who are no operators about one: an
//! administrator of the default organisation, and a manager of its people. All are refused. What is about a place that
//! an account has, and not about the account, stands in a list, with the reason; a new operation stands nowhere, and is
//! asked.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::lines;
use crate::support::{Person, Server, id, text};

/// Operations that name an account and do nothing to it but in a place, or that their own permission decides about.
const OF_PLACES: &[(&str, &str, &str)] = &[
    ("DELETE", "/teams/{team_id}/members/{user_id}", "the team's administrators decide who is in it"),
    ("PUT", "/teams/{team_id}/members/{user_id}/roles", "what somebody is in a team, the team decides"),
    ("PUT", "/teams/{team_id}/members/{user_id}/schemeRoles", "the same"),
    ("POST", "/teams/{team_id}/members", "the team decides who is in it"),
    ("POST", "/teams/{team_id}/members/batch", "the same"),
    ("POST", "/channels/{channel_id}/members", "the channel decides who is in it"),
    ("DELETE", "/channels/{channel_id}/members/{user_id}", "the same"),
    (
        "PUT",
        "/channels/{channel_id}/members/{user_id}/roles",
        "what somebody is in a channel, the channel decides",
    ),
    ("PUT", "/channels/{channel_id}/members/{user_id}/schemeRoles", "the same"),
    ("DELETE", "/users/{user_id}/posts/{post_id}/reactions/{emoji_name}", "who keeps order in a channel"),
    ("POST", "/posts/ephemeral", "a line on somebody's screen, which changes nothing"),
    ("POST", "/channels/direct", "a conversation of one's own"),
    ("POST", "/channels/group", "the same"),
];

/// What only asks, by a body.
const QUESTIONS: &[&str] = &["/ids", "/usernames", "/search", "/group_channels"];

/// Bodies beside those of the table, where that would be refused for another reason, or does less.
fn more(operator: &str) -> Vec<(&'static str, &'static str, Value)> {
    let person = json!({"password": "A-long-passw0rd", "email": "evil@example.com"});
    vec![
        ("PUT", "/users/{user_id}/patch", json!({"email": "evil@example.com"})),
        ("PUT", "/users/{user_id}/patch", json!({"notify_props": {"email": "false"}})),
        ("PUT", "/users/{user_id}", json!({"id": operator, "username": "evil"})),
        ("PUT", "/users/{user_id}/roles", json!({"roles": "system_user system_admin"})),
        ("PUT", "/users/{user_id}/active", json!({"active": true})),
        ("POST", "/users/{user_id}/mfa/recovery_codes", json!({"code": "123456"})),
        ("POST", "/bots/{bot_user_id}/convert_to_user", person),
    ]
}

/// Whether an operation changes something of an account that is named.
fn is_about_somebody(method: &str, path: &str, with: &str) -> bool {
    let named = ["{user_id}", "{bot_user_id}"].iter().any(|part| path.contains(part))
        || ["$user", "$stranger", "user_id", "token_id"].iter().any(|name| with.contains(name));
    let own = with.contains("$me") && !path.contains("{user_id}");
    let asks = method == "GET" || method == "SAY" || QUESTIONS.iter().any(|end| path.ends_with(end));
    named && !own && !asks
}

struct Scene {
    server: Server,
    chief: Person,
    manager: Person,
    operator: Person,
    names: Vec<(&'static str, String)>,
}

impl Scene {
    async fn new() -> Self {
        let server = Server::with(&[("LIMITS__ENABLED", "false")]).await;
        let [chief, manager, operator] = server.sign_up_all(["chief", "manager", "olga"]).await;
        let admin = &server.admin;
        let give = |who: &str, roles: &str| {
            let (path, body) = (format!("/users/{who}/roles"), json!({"roles": roles}));
            async move { admin.put(&path, body).await.is(200) }
        };
        give(&chief.id, "system_user system_admin").await;
        give(&manager.id, "system_user system_user_manager system_user_access_token").await;
        give(&operator.id, "system_user system_user_access_token").await;
        let token = operator.post("/users/me/tokens", json!({"description": "x"})).await.is(200);
        let bot = text(&admin.post("/bots", json!({"username": "robot"})).await.is(201), "user_id");
        for who in [&operator.id, &bot] {
            admin.put(&format!("/organizations/operators/{who}"), json!({})).await.is(200);
        }
        let team = chief.makes_team("house").await;
        for who in [&manager, &operator] {
            chief.brings_into_team(&team, who).await;
        }
        let channel = chief.makes_channel(&team, "chat").await;
        for who in [&manager, &operator] {
            chief.brings_into_channel(&channel, who).await;
        }
        let post = id(&operator.posts(&channel, "hello").await);
        let names = vec![
            ("bot_user", bot),
            ("token", id(&token)),
            ("team", team),
            ("channel", channel),
            ("post", post),
            ("org", "current".to_owned()),
            ("user", operator.id.clone()),
            ("stranger", operator.id.clone()),
            // The identifier of a token stands in bodies alone.
            ("nobody", id(&token)),
        ];
        Self { server, chief, manager, operator, names }
    }

    fn path(&self, path: &str) -> String {
        self.names
            .iter()
            .fold(path.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}_id}}"), value))
    }

    fn filled(&self, with: &str) -> String {
        let named = self.names.iter().fold(with.to_owned(), |text, (name, value)| {
            text.replace(&format!("${name}\""), &format!("{value}\""))
        });
        named.replace("$new", "evil")
    }

    /// Whether both are refused; what they were answered where they are not.
    async fn refuses(&self, method: &str, path: &str, with: &str) -> Option<String> {
        let body = if with.is_empty() || with.starts_with('?') { "{}" } else { with };
        let body: Value = serde_json::from_str(&self.filled(body)).unwrap();
        for who in [&self.chief, &self.manager] {
            let asked = Method::from_bytes(method.as_bytes()).unwrap();
            let answer = who.ask(asked, &self.path(path), Some(body.clone())).await;
            // What somebody may manage none of is not there for them.
            let hidden = answer.status == 404 && who.name == "manager" && path.starts_with("/bots/");
            if answer.status != 403 && !hidden {
                return Some(format!("{method} {path} {body} as {}: {}", who.name, answer.status));
            }
        }
        None
    }
}

#[tokio::test]
async fn nobody_but_an_operator_acts_on_an_operator() {
    let scene = Scene::new().await;
    let of_places: BTreeSet<_> = OF_PLACES.iter().map(|(method, path, _)| (*method, *path)).collect();
    let mut wrong = Vec::new();
    let mut asked = 0;
    let overridden = more(&scene.operator.id);
    let instead: BTreeSet<_> =
        ["/users/{user_id}/mfa/recovery_codes", "/bots/{bot_user_id}/convert_to_user"].into();
    for line in lines() {
        let about = is_about_somebody(line.method, line.path, &line.with);
        if about && !of_places.contains(&(line.method, line.path)) && !instead.contains(line.path) {
            asked += 1;
            wrong.extend(scene.refuses(line.method, line.path, &line.with).await);
        }
    }
    for (method, path, body) in overridden {
        wrong.extend(scene.refuses(method, path, &body.to_string()).await);
    }
    assert!(wrong.is_empty(), "acts on an operator by who is none:\n{}\n", wrong.join("\n"));
    assert!(asked > 30, "only {asked} operations are about somebody");
    let listed: BTreeSet<_> = lines().iter().map(|line| (line.method, line.path)).collect();
    assert!(of_places.is_subset(&listed), "{:?}", of_places.difference(&listed));
    // Nothing of it happened, and what is asked by an operator does.
    let seen = scene.server.admin.get(&format!("/users/{}", scene.operator.id)).await.is(200);
    assert_eq!((text(&seen, "username"), text(&seen, "email")), ("olga".into(), "olga@example.com".into()));
    scene.operator.get("/users/me").await.is(200);
}

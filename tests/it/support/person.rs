//! Somebody who asks the server, by REST, and what they are answered.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::server::Server;
use super::socket::Socket;
use super::{PASSWORD, SETUP_SECRET, id, text};

/// Somebody with an account, or a visitor without one.
#[derive(Clone)]
pub(crate) struct Person {
    /// The server that they talk to.
    pub(crate) base: String,
    /// Their account's identifier; empty for a visitor.
    pub(crate) id: String,
    /// Their account's name.
    pub(crate) name: String,
    /// Their session's token.
    pub(crate) token: String,
    http: reqwest::Client,
}

/// Somebody who is not logged in.
pub(crate) fn visitor(base: &str) -> Person {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
    Person { base: base.to_owned(), id: String::new(), name: String::new(), token: String::new(), http }
}

/// Somebody who is not logged in and comes from `127.0.0.<last>`.
pub(crate) fn visitor_from(base: &str, last: u8) -> Person {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(30));
    let http = http.local_address(std::net::IpAddr::from([127, 0, 0, last])).build().unwrap();
    Person { http, ..visitor(base) }
}

/// Somebody makes an account at an address and logs in.
pub(crate) async fn moves_in(base: &str, name: &str) -> Person {
    let email = format!("{name}@example.com");
    let new = json!({"username": name, "email": email, "password": PASSWORD, "setup_secret": SETUP_SECRET});
    let visitor = visitor(base);
    visitor.post("/users", new).await.is(201);
    visitor.log_in(name).await
}

impl Person {
    /// The same person at another node, in the same session.
    pub(crate) fn at(&self, node: &Server) -> Self {
        self.at_address(&node.base)
    }

    /// The same person at another address, in the same session.
    pub(crate) fn at_address(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// The same person, as a program that has been given this token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// The same person in another session.
    pub(crate) async fn logs_in_again(&self) -> Self {
        self.log_in(&self.name).await
    }

    /// Logs in as somebody.
    pub(crate) async fn log_in(&self, name: &str) -> Self {
        let answer =
            visitor(&self.base).post("/users/login", json!({"login_id": name, "password": PASSWORD})).await;
        let token = answer.header("token");
        let me = answer.is(200);
        assert_eq!(text(&me, "username"), name);
        Self { id: id(&me), name: name.to_owned(), token, ..self.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path, None).await
    }

    /// Any request below `/api/v4`.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Answer::of(request).await
    }

    /// A request to be completed by the one who needs it.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}/api/v4{path}", self.base));
        if self.token.is_empty() { request } else { request.bearer_auth(&self.token) }
    }

    /// Opens a socket and hears hello.
    pub(crate) async fn listens(&self) -> Socket {
        Socket::open(&self.base, &self.token).await
    }

    pub(crate) async fn makes_team(&self, name: &str) -> String {
        id(&self.post("/teams", json!({"name": name, "display_name": name, "type": "O"})).await.is(201))
    }

    pub(crate) async fn brings_into_team(&self, team: &str, who: &Self) {
        let member = json!({"team_id": team, "user_id": who.id});
        let member = self.post(&format!("/teams/{team}/members"), member).await.is(201);
        assert_eq!(text(&member, "user_id"), who.id);
    }

    pub(crate) async fn makes_channel(&self, team: &str, name: &str) -> String {
        self.makes_channel_of_type("O", team, name).await
    }

    pub(crate) async fn makes_private_channel(&self, team: &str, name: &str) -> String {
        self.makes_channel_of_type("P", team, name).await
    }

    async fn makes_channel_of_type(&self, kind: &str, team: &str, name: &str) -> String {
        let new = json!({"team_id": team, "name": name, "display_name": name, "type": kind});
        id(&self.post("/channels", new).await.is(201))
    }

    /// The channel of a team by its name.
    pub(crate) async fn finds_channel(&self, team: &str, name: &str) -> String {
        id(&self.get(&format!("/teams/{team}/channels/name/{name}")).await.is(200))
    }

    pub(crate) async fn brings_into_channel(&self, channel: &str, who: &Self) {
        let members = format!("/channels/{channel}/members");
        let member = self.post(&members, json!({"user_id": who.id})).await.is(201);
        assert_eq!(
            (text(&member, "user_id"), text(&member, "channel_id")),
            (who.id.clone(), channel.to_owned())
        );
    }

    /// The channel of two.
    pub(crate) async fn talks_to(&self, who: &Self) -> String {
        id(&self.post("/channels/direct", json!([self.id, who.id])).await.is(201))
    }

    pub(crate) async fn posts(&self, channel: &str, message: &str) -> Value {
        let post = self.tries_to_post(channel, message).await.is(201);
        assert_eq!((text(&post, "message"), text(&post, "user_id")), (message.to_owned(), self.id.clone()));
        post
    }

    pub(crate) async fn tries_to_post(&self, channel: &str, message: &str) -> Answer {
        self.post("/posts", json!({"channel_id": channel, "message": message})).await
    }

    pub(crate) async fn replies(&self, root: &Value, message: &str) -> Value {
        let reply = json!({"channel_id": root["channel_id"], "root_id": root["id"], "message": message});
        self.post("/posts", reply).await.is(201)
    }

    pub(crate) async fn reads(&self, post: &Value) -> Value {
        self.get(&format!("/posts/{}", id(post))).await.is(200)
    }

    /// The newest page of a channel.
    pub(crate) async fn reads_channel(&self, channel: &str) -> Value {
        self.get(&format!("/channels/{channel}/posts?per_page=200")).await.is(200)
    }

    /// Sets a preference of this name: an event that only they hear, after whatever came before.
    pub(crate) async fn makes_mark(&self, name: &str) {
        let mark = json!([{"user_id": self.id, "category": "mark", "name": name, "value": "here"}]);
        self.put("/users/me/preferences", mark).await.is(200);
    }
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// What was asked, for the one who reads that it failed.
    asked: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// Sends the request.
    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        let (http, request) = request.build_split();
        let request = request.unwrap();
        let asked = format!("{} {}", request.method(), request.url().path());
        let response = http.execute(request).await.unwrap_or_else(|error| panic!("{asked}: {error:?}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.text().await.unwrap_or_else(|error| panic!("{asked}: {error:?}"));
        Self { asked, status, headers, body }
    }

    /// A header; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.body);
        self.json()
    }

    /// Checks that it is this refusal, with all that an error says.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, reason: &str) {
        assert_eq!((self.status, self.reason().as_str()), (status, reason), "{}: {}", self.asked, self.body);
    }

    /// Checks that it is an error of this status, whatever its name.
    #[track_caller]
    pub(crate) fn fails(self, status: u16) {
        let reason = self.reason();
        assert_eq!(self.status, status, "{}: {reason}", self.asked);
    }

    /// The dotted name of an error that has everything that an error must have.
    #[track_caller]
    pub(crate) fn reason(&self) -> String {
        let error = self.json();
        let keys: Vec<&str> = error.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["detailed_error", "id", "message", "request_id", "status_code"], "{}", self.asked);
        assert_eq!(error["status_code"], self.status, "{}", self.asked);
        assert_eq!(text(&error, "request_id"), self.header("x-request-id"), "{}", self.asked);
        assert!(
            !text(&error, "message").is_empty() && !text(&error, "request_id").is_empty(),
            "{}",
            self.asked
        );
        text(&error, "id")
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json", "{}: {}", self.asked, self.body);
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}: no JSON: {}", self.asked, self.body))
    }
}

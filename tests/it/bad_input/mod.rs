//! What no client should send: every route is asked with junk in its path, its query and its body. The answer is never
//! the server's own failure, every error says all that an error must, and nothing changes.

mod bodies;
mod paths;

use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::cluster::sql;
use crate::support::form::{Form, png};
use crate::support::{Answer, NOBODY, Person, Server, id};

/// What there is to ask for: the URL table itself.
fn routes() -> Vec<(Method, &'static str)> {
    let route = |o: rustchat::api::Operation| {
        let path = o.path.strip_prefix("/api/v4").filter(|path| *path != "/websocket")?;
        Some((Method::from_bytes(o.method.as_bytes()).ok()?, path))
    };
    let routes: Vec<_> = rustchat::api::operations().into_iter().filter_map(route).collect();
    assert!(routes.len() > 100, "{}", routes.len());
    routes
}

/// Somebody with one of everything.
struct House {
    server: Server,
    ann: Person,
    /// The names of a path's parts, and what stands there when all is well.
    parts: Vec<(&'static str, String)>,
}

impl House {
    async fn new() -> Self {
        let server = Server::start().await;
        let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
        let team = ann.makes_team("house").await;
        ann.brings_into_team(&team, &bob).await;
        let channel = ann.makes_channel(&team, "chat").await;
        let post = id(&ann.posts(&channel, "hello").await);
        bob.brings_into_channel(&channel, &bob).await;
        let react = json!({"user_id": bob.id, "post_id": post, "emoji_name": "smile"});
        bob.post("/reactions", react).await.is(200);
        bob.makes_mark("kept").await;
        let described = json!({"creator_id": ann.id, "name": "ferris"}).to_string();
        let form = Form::default().file("image", "f.png", &png(9, 9)).field("emoji", &described);
        let emoji = id(&ann.sends("/emoji", form).await.is(201));
        let parts = vec![
            ("user_id", bob.id.clone()),
            ("team_id", team),
            ("channel_id", channel),
            ("post_id", post),
            ("emoji_id", emoji),
        ];
        Self { server, ann, parts }
    }

    /// A path with all its parts, some of them given.
    fn path(&self, route: &str, given: &[(&str, &str)]) -> String {
        let known = self.parts.iter().map(|(name, value)| (*name, value.as_str()));
        let words = [
            ("username", "bob"),
            ("email", "bob@example.com"),
            ("team_name", "house"),
            ("channel_name", "chat"),
            ("emoji_name", "smile"),
            ("category", "mark"),
            ("name", "kept"),
            ("invite_id", "nothing"),
            ("role_id", "nothing"),
            ("role_name", "nothing"),
            ("bot_user_id", NOBODY),
            ("file_id", NOBODY),
            ("token_id", NOBODY),
            ("upload_id", NOBODY),
            ("scheme_id", NOBODY),
            ("org_id", NOBODY),
        ];
        let all = given.iter().copied().chain(known).chain(words);
        let path =
            all.fold(route.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
        assert!(!path.contains('{'), "what stands for {path}?");
        path
    }

    /// Everything that can be counted, and when it last changed.
    fn state(&self) -> String {
        let tables = [
            "users",
            "teams",
            "team_members",
            "channels",
            "channel_members",
            "posts",
            "reactions",
            "preferences",
            "statuses",
        ];
        let counts = tables.map(|table| {
            format!("select '{table}', md5(string_agg(t::text, ';' order by t::text)) from {table} t")
        });
        sql(&self.server.database, &counts.join(" union all "))
    }
}

/// Asks several at a time; each answer with what was asked.
async fn ask_all(
    who: &Person,
    asked: impl IntoIterator<Item = (Method, String, Option<Value>)>,
) -> Vec<(String, Answer)> {
    let ask = |(method, path, body): (Method, String, Option<Value>)| async move {
        let about = format!("{method} {path} {}", body.as_ref().map(ToString::to_string).unwrap_or_default());
        let about: String = about.chars().take(300).collect();
        (about, who.ask(method, &path, body).await)
    };
    futures_util::stream::iter(asked).map(ask).buffer_unordered(8).collect().await
}

/// No failure of the server, and every refusal complete. Those that are not built say so.
#[track_caller]
fn sound((asked, answer): &(String, Answer)) {
    assert!(answer.status < 500 || answer.status == 501, "{asked}: {answer:?}");
    if answer.status >= 400 {
        answer.reason();
    }
}

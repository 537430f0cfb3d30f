//! What is deleted is gone: of a deleted post the server tells which it was, when and whose, and nothing of what it
//! said: not by any list, not to who was away, not on another node; except to administrators who ask for it.

use serde_json::{Value, json};

use crate::support::cluster::sql;
use crate::support::{Person, Server, Socket, id, inner, number, text};

/// A word that is in everything that is said here.
const WORD: &str = "basilikum";

const FORBIDDEN: &str = "api.context.permissions.app_error";

struct Scene {
    server: Server,
    ann: Person,
    bob: Person,
    team: String,
    channel: String,
}

impl Scene {
    async fn new() -> Self {
        // Much is written and deleted within seconds.
        let server = Server::with(&[("LIMITS__ENABLED", "false")]).await;
        let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
        let team = ann.makes_team("house").await;
        ann.brings_into_team(&team, &bob).await;
        let channel = ann.makes_channel(&team, "chat").await;
        bob.brings_into_channel(&channel, &bob).await;
        Self { server, ann, bob, team, channel }
    }

    /// A post with all that can hang on one, and what it was called before.
    async fn says_it(&self) -> Value {
        let Self { ann, channel, .. } = self;
        let file = ann.brings(channel, &format!("{WORD}.txt"), WORD.as_bytes()).await;
        let said = json!({"channel_id": channel, "message": format!("the {WORD} #{WORD} @bob"),
            "props": {"attachments": [{"text": WORD}]}, "file_ids": [file["id"]], "pending_post_id": "ann:1"});
        let post = ann.post("/posts", said).await.is(201);
        let again = json!({"message": format!("the {WORD}, again #{WORD}")});
        ann.put(&format!("/posts/{}/patch", id(&post)), again).await.is(200);
        ann.post(&format!("/posts/{}/pin", id(&post)), Value::Null).await.is(200);
        post
    }

    async fn deletes(&self, post: &Value) {
        self.ann.delete(&format!("/posts/{}", id(post))).await.is(200);
    }

    /// Events of the log that have the word in them.
    fn logged(&self) -> String {
        sql(&self.server.database, &format!("select count(*) from events where frame like '%{WORD}%'"))
    }
}

/// Nothing that `socket` was told has the word in it; what was told of `post` until it was gone, in its order.
async fn hears_nothing(socket: &mut Socket, who: &Person, post: &Value) -> Vec<(String, Value)> {
    let mut told = Vec::new();
    let gone = socket.expect_that("post_deleted", |e| id(&inner(e, "post")) == id(post)).await;
    for event in socket.all_by_now(who).await.into_iter().chain([gone]) {
        assert!(!event.to_string().contains(WORD), "{event}");
        if event["data"]["post"].is_string() && id(&inner(&event, "post")) == id(post) {
            told.push((text(&event, "event"), event));
        }
    }
    told
}

fn names(told: &[(String, Value)]) -> Vec<&str> {
    told.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn no_answer_says_what_a_deleted_post_said() {
    let scene = Scene::new().await;
    let Scene { server, ann, bob, team, channel } = &scene;
    let before = ann.posts(channel, "before").await;
    let post = scene.says_it().await;
    let reply = bob.replies(&post, &format!("{WORD}? never")).await;
    let flag = json!([{"user_id": bob.id, "category": "flagged_post", "name": id(&post), "value": "true"}]);
    bob.put("/users/me/preferences", flag).await.is(200);
    let file_id = text(&ann.reads(&post).await["metadata"]["files"][0], "id");
    scene.deletes(&post).await;
    ann.posts(channel, "after").await;
    let cid = server.sign_up("cid").await;
    ann.brings_into_team(team, &cid).await;
    cid.brings_into_channel(channel, &cid).await;
    let list = |query: &str| format!("/channels/{channel}/posts?{query}");
    let places = [
        list(""),
        list("since=1"),
        list(&format!("after={}", id(&before))),
        list(&format!("before={}", id(&post))),
        format!("/channels/{channel}/pinned"),
        "/users/me/posts/flagged".to_owned(),
        format!("/users/me/channels/{channel}/posts/unread"),
    ];
    for who in [ann, bob, &cid, &server.admin] {
        for place in &places {
            let answer = who.get(place).await;
            assert!(!answer.body.contains(WORD), "{place}: {}", answer.body);
        }
        for gone in [&post, &reply] {
            for path in ["", "/thread", "/files/info", "/reactions"] {
                who.get(&format!("/posts/{}{path}", id(gone))).await.fails(404);
            }
        }
        for path in ["", "/info"] {
            who.get(&format!("/files/{file_id}{path}")).await.fails(404);
        }
        for search in [format!("/teams/{team}/posts/search"), format!("/teams/{team}/files/search")] {
            for terms in [WORD.to_owned(), format!("#{WORD}")] {
                let found = who.post(&search, json!({"terms": terms})).await;
                assert!(!found.body.contains(WORD), "{search}: {}", found.body);
            }
        }
        let found = who.post("/posts/ids", json!([id(&post), id(&reply)])).await.is(200);
        assert_eq!(found, json!([]));
    }
    // What is left of it in a list of changes: which, when and whose.
    let left = bob.get(&list("since=1")).await.is(200)["posts"][id(&post)].clone();
    assert_eq!(text(&left, "user_id"), ann.id);
    assert!(number(&left, "delete_at") > number(&left, "create_at"));
    assert_eq!((&left["message"], &left["props"], &left["metadata"]), (&json!(""), &json!({}), &json!({})));
    assert_eq!((left.get("file_ids"), &left["hashtags"]), (None, &json!("")));
    // Sent once more under the name that it had, it is answered as what is left of it.
    let again = json!({"channel_id": channel, "message": "x", "pending_post_id": "ann:1"});
    let again = ann.post("/posts", again).await.is(201);
    assert_eq!((id(&again), &again["message"]), (id(&post), &json!("")));
    assert_eq!(scene.logged(), "0");
}

#[tokio::test]
async fn an_administrator_who_asks_is_shown_what_was_deleted_and_nobody_else() {
    let scene = Scene::new().await;
    let Scene { server, ann, bob, channel, .. } = &scene;
    let post = scene.says_it().await;
    scene.deletes(&post).await;
    let one = format!("/posts/{}?include_deleted=true", id(&post));
    let page = format!("/channels/{channel}/posts?include_deleted=true");
    let since = format!("{page}&since=1");
    for who in [ann, bob] {
        for path in [&one, &page, &since] {
            who.get(path).await.refused(403, FORBIDDEN);
        }
        who.get(&one.replace("true", "false")).await.fails(404);
    }
    let shown = server.admin.get(&one).await.is(200);
    assert_eq!(text(&shown, "message"), format!("the {WORD}, again #{WORD}"));
    assert!(number(&shown, "delete_at") > 0);
    for path in [&page, &since] {
        let list = server.admin.get(path).await.is(200);
        assert!(list["order"].as_array().unwrap().contains(&post["id"]), "{list}");
        assert_eq!(list["posts"][id(&post)]["message"], shown["message"]);
    }
    // Not asked for, it is not shown to them either.
    server.admin.get(&format!("/posts/{}", id(&post))).await.fails(404);
    let elsewhere = ann.talks_to(bob).await;
    let secret = ann.posts(&elsewhere, "between two").await;
    scene.deletes(&secret).await;
    let path = format!("/posts/{}?include_deleted=true", id(&secret));
    server.admin.get(&path).await.refused(403, FORBIDDEN);
}

#[tokio::test]
async fn who_was_away_hears_that_something_was_said_and_not_what() {
    let scene = Scene::new().await;
    let Scene { server, ann, bob, channel, .. } = &scene;
    let there = server.second_node();
    // One connection was shown it all before it was cut, and may not have received it; one was cut before; one comes
    // back to another node with its positions; and one is there all the time.
    let mut shown = bob.listens().await;
    let (shown_at, mut live) = (shown.place(), bob.listens().await);
    let early = bob.listens().await;
    let early_at = early.place();
    drop(early);
    let known = ann.posts(channel, "known").await;
    let first = live.expect("posted").await;
    assert_eq!(id(&inner(&first, "post")), id(&known));
    let topic = text(&first["broadcast"], "topic");
    let post = scene.says_it().await;
    let reply = bob.replies(&post, &format!("{WORD} it is")).await;
    shown.expect_that("posted", |e| id(&inner(e, "post")) == id(&reply)).await;
    drop(shown);
    live.expect_that("posted", |e| id(&inner(e, "post")) == id(&reply)).await;
    live.forget();
    assert_ne!(scene.logged(), "0");
    scene.deletes(&post).await;
    let gone = live.expect("post_deleted").await;
    assert!(!gone.to_string().contains(WORD), "{gone}");
    assert_eq!(id(&inner(&gone, "post")), id(&post));
    assert_eq!(scene.logged(), "0");
    let expected = ["posted", "post_edited", "post_edited", "post_deleted"];
    for (name, next) in [shown_at, early_at] {
        let mut back = Socket::come_back(&bob.base, &bob.token, (&name, next)).await;
        let told = hears_nothing(&mut back, bob, &post).await;
        assert_eq!(names(&told), expected);
        assert_eq!(back.place().0, name, "no hello was said");
        let blank = inner(&told[0].1, "post");
        assert_eq!((text(&blank, "user_id"), text(&blank, "channel_id")), (ann.id.clone(), channel.clone()));
        assert_eq!(number(&blank, "delete_at"), number(&inner(&gone, "post"), "delete_at"));
        assert_eq!(number(&blank, "create_at"), number(&post, "create_at"));
    }
    let at = number(&first["broadcast"], "topic_seq");
    for (node, mut socket) in [(bob.clone(), live), (bob.at(&there), bob.at(&there).listens().await)] {
        let answer = socket.request("resume", json!({"positions": {topic.clone(): at}})).await;
        assert_eq!(answer["data"]["resumed"], json!([topic]), "{answer}");
        socket.forget();
        let told = hears_nothing(&mut socket, &node, &post).await;
        assert_eq!(names(&told), expected);
        let numbers: Vec<i64> = told.iter().map(|(_, e)| number(&e["broadcast"], "topic_seq")).collect();
        assert!(numbers[0] == at + 1 && numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
    }
}

#[tokio::test]
async fn a_post_is_found_in_the_log_wherever_it_lies() {
    let scene = Scene::new().await;
    let Scene { ann, bob, channel, .. } = &scene;
    let mut posts = Vec::new();
    for n in 0..16 {
        let said = (0..3).map(|m| async move { ann.posts(channel, &format!("{WORD} {n} {m}")).await });
        posts.extend(futures_util::future::join_all(said).await.iter().map(id));
        let react = json!({"user_id": ann.id, "post_id": posts[posts.len() - 1], "emoji_name": "tada"});
        ann.post("/reactions", react).await.is(200);
    }
    let mut left = posts.len();
    // Those at the edges first, then all the others; a deleted one is found as well as any.
    let order = (0..posts.len()).map(|n| if n % 2 == 0 { n / 2 } else { posts.len() - 1 - n / 2 });
    for n in order {
        ann.delete(&format!("/posts/{}", posts[n])).await.is(200);
        left -= 1;
        assert_eq!(scene.logged(), left.to_string(), "post {n}");
    }
    // A long thread goes at once, with all that was said in it.
    let root = ann.posts(channel, WORD).await;
    for n in 0..120 {
        bob.replies(&root, &format!("{WORD} {n}")).await;
    }
    scene.deletes(&root).await;
    assert_eq!(scene.logged(), "0");
}

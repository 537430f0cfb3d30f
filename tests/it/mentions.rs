//! Whom a message tells: by name, by keyword, all of a channel; and what people said of being told.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Person, Server, each, id, inner, number};

struct House {
    server: Server,
    ann: Person,
    bob: Person,
    team: String,
    channel: String,
}

async fn house() -> House {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    let channel = ann.makes_channel(&team, "chat").await;
    House { server, ann, bob, team, channel }
}

async fn comes_in(House { ann, team, channel, .. }: &House, who: &Person) {
    ann.brings_into_team(team, who).await;
    ann.brings_into_channel(channel, who).await;
}

/// Mentions that wait for somebody in a channel.
async fn mentions(who: &Person, channel: &str) -> i64 {
    number(&who.get(&format!("/users/me/channels/{channel}/unread")).await.is(200), "mention_count")
}

/// How many mentions a message adds for `who`.
async fn tells(house: &House, who: &Person, post: Value) -> i64 {
    let before = mentions(who, &house.channel).await;
    house.ann.post("/posts", post).await.is(201);
    mentions(who, &house.channel).await - before
}

fn saying(house: &House, message: &str) -> Value {
    json!({"channel_id": house.channel, "message": message})
}

async fn set(who: &Person, settings: Value) {
    let mut all = who.get("/users/me").await.is(200)["notify_props"].clone();
    for (key, value) in settings.as_object().unwrap() {
        all[key] = value.clone();
    }
    who.put("/users/me/patch", json!({"notify_props": all})).await.is(200);
}

/// The shared table, through the whole server: each case's people are members, and hear what the table says.
#[tokio::test]
async fn the_table_of_cases_holds_for_those_who_are_told() {
    let table: Value = serde_json::from_str(include_str!("../texts/mentions.json")).unwrap();
    let house = house().await;
    let mut people = BTreeMap::from([("bob".to_owned(), house.bob.clone())]);
    comes_in(&house, &house.bob).await;
    let names = ["ann", "bob", "cid", "tim"];
    for name in ["cid", "tim"] {
        let person = house.server.sign_up(name).await;
        comes_in(&house, &person).await;
        people.insert(name.to_owned(), person);
    }
    let mut socket = house.bob.listens().await;
    let usual = |case: &&Value| case["people"] == json!(names) && case.get("everybody").is_none();
    let cases: Vec<&Value> = table.as_array().unwrap().iter().filter(usual).collect();
    assert!(cases.len() > 60, "{}", cases.len());
    for case in cases {
        let post = house.ann.post("/posts", saying(&house, case["text"].as_str().unwrap())).await.is(201);
        let told = socket.expect_that("posted", |e| inner(e, "post")["id"] == post["id"]).await;
        let heard = told["data"].get("mentions").map(|_| inner(&told, "mentions")).unwrap_or(json!([]));
        let is_bob = case["mentioned"].as_array().unwrap().contains(&json!("bob"));
        assert_eq!(heard.as_array().unwrap().contains(&json!(house.bob.id)), is_bob, "{case}");
    }
}

#[tokio::test]
async fn a_longer_name_of_somebody_else_is_not_a_shorter_one() {
    let house = house().await;
    comes_in(&house, &house.bob).await;
    // Somebody who is not even in the channel.
    house.server.sign_up("bob-lee").await;
    assert_eq!(tells(&house, &house.bob, saying(&house, "@bob-lee")).await, 0);
    assert_eq!(tells(&house, &house.bob, saying(&house, "@bob-lea and @bob")).await, 1);
}

#[tokio::test]
async fn names_in_attachments_count() {
    let house = house().await;
    comes_in(&house, &house.bob).await;
    for attachment in [
        json!({"text": "for @bob"}),
        json!({"pretext": "for @bob"}),
        json!({"title": "for @bob"}),
        json!({"fields": [{"title": "who", "value": "@bob", "short": true}]}),
    ] {
        let mut post = saying(&house, "");
        post["props"] = json!({"attachments": [attachment]});
        assert_eq!(tells(&house, &house.bob, post).await, 1, "{attachment}");
    }
    let mut post = saying(&house, "");
    post["props"] = json!({"attachments": [{"text": "`@bob`", "fallback": "@bob", "color": "@bob"}]});
    assert_eq!(tells(&house, &house.bob, post).await, 0);
}

#[tokio::test]
async fn people_are_told_of_their_keywords_and_first_names() {
    let house = house().await;
    comes_in(&house, &house.bob).await;
    for said in ["please deploy", "今天发布吗", "Bob?"] {
        assert_eq!(tells(&house, &house.bob, saying(&house, said)).await, 0, "{said}");
    }
    house.bob.put("/users/me/patch", json!({"first_name": "Robert"})).await.is(200);
    set(&house.bob, json!({"mention_keys": "deploy, 发布,障害", "first_name": "true"})).await;
    for said in ["please DEPLOY.", "今天发布吗", "昨日の障害", "ask Robert", "deploy, deploy, 发布 @bob"]
    {
        assert_eq!(tells(&house, &house.bob, saying(&house, said)).await, 1, "{said}");
    }
    for said in ["deployed", "`deploy`", "https://x.example/deploy", "robert", "    deploy"] {
        assert_eq!(tells(&house, &house.bob, saying(&house, said)).await, 0, "{said}");
    }
    set(&house.bob, json!({"mention_keys": "", "first_name": "false"})).await;
    assert_eq!(tells(&house, &house.bob, saying(&house, "deploy, Robert")).await, 0);
}

#[tokio::test]
async fn keywords_tell_nobody_who_is_not_there() {
    let house = house().await;
    set(&house.bob, json!({"mention_keys": "deploy"})).await;
    let mut socket = house.bob.listens().await;
    house.ann.posts(&house.channel, "deploy").await;
    assert!(!socket.heard_by_now(&house.bob).await.contains(&"posted".to_owned()));
    comes_in(&house, &house.bob).await;
    assert_eq!(
        mentions(&house.bob, &house.channel).await,
        1,
        "the notice that brought them in, and nothing else"
    );
}

#[tokio::test]
async fn who_does_not_want_to_be_everybody_is_not() {
    let house = house().await;
    // Said before and after the way in.
    set(&house.bob, json!({"channel": "false"})).await;
    comes_in(&house, &house.bob).await;
    assert_eq!(tells(&house, &house.bob, saying(&house, "@all lunch")).await, 0);
    assert_eq!(tells(&house, &house.bob, saying(&house, "@all lunch, @bob")).await, 1);
    set(&house.bob, json!({"channel": "true"})).await;
    house.bob.post("/channels/members/me/view", json!({"channel_id": house.channel})).await.is(200);
    assert_eq!(tells(&house, &house.bob, saying(&house, "@here")).await, 1);
    set(&house.bob, json!({"channel": "false"})).await;
    let mut socket = house.bob.listens().await;
    house.ann.posts(&house.channel, "@channel").await;
    let told = socket.expect("posted").await;
    assert!(told["data"].get("mentions").is_none(), "{told}");
    // What is said of one channel counts more.
    let path = format!("/channels/{}/members/{}/notify_props", house.channel, house.bob.id);
    house.bob.put(&path, json!({"ignore_channel_mentions": "off"})).await.is(200);
    house.bob.post("/channels/members/me/view", json!({"channel_id": house.channel})).await.is(200);
    assert_eq!(tells(&house, &house.bob, saying(&house, "@all")).await, 1);
    house.bob.put(&path, json!({"ignore_channel_mentions": "on"})).await.is(200);
    house.bob.post("/channels/members/me/view", json!({"channel_id": house.channel})).await.is(200);
    set(&house.bob, json!({"channel": "true"})).await;
    assert_eq!(tells(&house, &house.bob, saying(&house, "@all")).await, 0);
}

#[tokio::test]
async fn a_channel_that_is_muted_to_mentions_counts_those_only() {
    let house = house().await;
    comes_in(&house, &house.bob).await;
    let path = format!("/channels/{}/members/{}/notify_props", house.channel, house.bob.id);
    house.bob.put(&path, json!({"mark_unread": "mention"})).await.is(200);
    house.bob.post("/channels/members/me/view", json!({"channel_id": house.channel})).await.is(200);
    let before = house.bob.get("/users/me/teams/unread").await.is(200);
    house.ann.posts(&house.channel, "one").await;
    house.ann.posts(&house.channel, "@bob two").await;
    let unread = house.bob.get(&format!("/users/me/channels/{}/unread", house.channel)).await.is(200);
    assert_eq!((number(&unread, "msg_count"), number(&unread, "mention_count")), (0, 1));
    let teams = house.bob.get("/users/me/teams/unread").await.is(200);
    assert_eq!(number(&teams[0], "msg_count"), number(&before[0], "msg_count"));
    assert_eq!(number(&teams[0], "mention_count"), number(&before[0], "mention_count") + 1);
}

#[tokio::test]
async fn settings_that_nobody_reads_are_refused_by_name() {
    let house = house().await;
    for (key, value) in
        [("weather", "x"), ("auto_responder_active", "true"), ("mention_keys", &"x".repeat(65))]
    {
        let refused = house.bob.put("/users/me/patch", json!({"notify_props": {key: value}})).await;
        assert!(refused.json()["message"].as_str().unwrap().contains(key), "{key}: {}", refused.json());
        refused.fails(400);
    }
    comes_in(&house, &house.bob).await;
    let path = format!("/channels/{}/members/{}/notify_props", house.channel, house.bob.id);
    for (key, value) in [("weather", "x"), ("channel_auto_follow_threads", "on")] {
        let refused = house.bob.put(&path, json!({key: value})).await;
        assert!(refused.json()["message"].as_str().unwrap().contains(key), "{key}");
        refused.fails(400);
    }
    // What official clients send is taken, and comes back.
    let own = json!({"user_id": house.bob.id, "channel_id": house.channel, "desktop": "all", "email": "default",
        "channel_auto_follow_threads": "off"});
    house.bob.put(&path, own).await.is(200);
    set(
        &house.bob,
        json!({"push_status": "away", "highlight_keys": "soup", "desktop_notification_sound": "Bing"}),
    )
    .await;
    let kept = house.bob.get("/users/me").await.is(200);
    assert_eq!(kept["notify_props"]["highlight_keys"], "soup");
    // An administrator's word for when a post was made would stand between others'.
    let mut post = saying(&house, "old");
    post["create_at"] = json!(1_500_000_000_000_i64);
    house
        .server
        .admin
        .post("/posts", post.clone())
        .await
        .refused(400, "api.context.invalid_body_param.app_error");
    let made = house.bob.post("/posts", post).await.is(201);
    assert!(number(&made, "create_at") > 1_500_000_000_000);
    assert_eq!(each(&json!([made]), "id"), [id(&made)]);
}

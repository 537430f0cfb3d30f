//! What one account can make the server hold: lists of large posts, preferences, connections that come and go. Nothing
//! is left out in silence, and nobody else notices.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Person, Server, id, number, text};

/// Bytes of the facts of a large post.
const FAT: usize = 700_000;

const MIB: u64 = 1 << 20;

async fn posts_fat(who: &Person, channel: &str, root: &str) -> String {
    let props = json!({"fat": "x".repeat(FAT)});
    let post = json!({"channel_id": channel, "root_id": root, "message": "fat", "props": props});
    id(&who.post("/posts", post).await.is(201))
}

/// Ann writes so many large posts in a channel of hers.
async fn fat_channel(ann: &Person, posts: usize) -> (String, Vec<String>) {
    let team = ann.makes_team("house").await;
    let channel = ann.makes_channel(&team, "fat").await;
    let mut ids = Vec::new();
    for _ in 0..posts {
        ids.push(posts_fat(ann, &channel, "").await);
    }
    (channel, ids)
}

/// A list whose answer is not too large, and the posts that it shows.
async fn list(who: &Person, path: &str) -> (Value, Vec<String>) {
    let answer = who.get(path).await;
    assert!(answer.body.len() < 6 << 20, "{path}: {} bytes", answer.body.len());
    let list = answer.is(200);
    let order = serde_json::from_value::<Vec<String>>(list["order"].clone()).unwrap();
    for id in &order {
        assert_eq!(id, &text(&list["posts"][id], "id"), "{path}: what is listed is there");
    }
    (list, order)
}

#[tokio::test]
async fn pages_of_large_posts_are_short_and_say_where_to_go_on() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let (channel, ids) = fat_channel(&ann, 20).await;
    let newest_first: Vec<String> = ids.iter().rev().cloned().collect();
    let base = format!("/channels/{channel}/posts");
    // As clients read a channel: the newest page, then what is before the oldest that they have.
    let (page, mut read) = list(&ann, &format!("{base}?per_page=200")).await;
    assert!((5..=8).contains(&read.len()), "{}", read.len());
    let mut before = text(&page, "prev_post_id");
    assert!(!before.is_empty(), "there is more");
    while !before.is_empty() {
        let (page, more) = list(&ann, &format!("{base}?per_page=200&before={}", read.last().unwrap())).await;
        assert_eq!(more.first(), Some(&before));
        (read, before) = ([read, more].concat(), text(&page, "prev_post_id"));
    }
    assert_eq!(read[..20], newest_first[..]);
    // The other way.
    let (page, after) = list(&ann, &format!("{base}?per_page=200&after={}", ids[0])).await;
    assert_eq!(after.last(), Some(&ids[1]), "nearest to it");
    assert_eq!(text(&page, "next_post_id"), ids[after.len() + 1]);
    // Pages by number leave nothing out where they are short enough.
    for n in 0..4 {
        let (_, some) = list(&ann, &format!("{base}?per_page=5&page={n}")).await;
        assert_eq!(some, newest_first[n * 5..n * 5 + 5]);
    }
}

#[tokio::test]
async fn changes_come_in_their_order_and_whoever_goes_on_misses_none() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let (channel, ids) = fat_channel(&ann, 20).await;
    ann.put(&format!("/posts/{}/patch", ids[0]), json!({"message": "edited"})).await.is(200);
    ann.delete(&format!("/posts/{}", ids[1])).await.is(200);
    let (mut since, mut heard, mut answers) = (1, std::collections::BTreeSet::new(), 0);
    loop {
        let (page, some) = list(&ann, &format!("/channels/{channel}/posts?since={since}")).await;
        let changed = |id: &String| number(&page["posts"][id], "update_at");
        assert!(some.iter().all(|id| changed(id) > since));
        heard.extend(some.iter().cloned());
        since = some.iter().map(changed).max().unwrap_or(since);
        answers += 1;
        if page["has_next"] != json!(true) {
            assert!(!page["posts"].to_string().contains("has_next"));
            break;
        }
    }
    assert!((3..=8).contains(&answers), "{answers}");
    assert!(ids.iter().all(|id| heard.contains(id)), "{} of {}", heard.len(), ids.len());
    let gone = ann.get(&format!("/channels/{channel}/posts?since=1")).await.is(200);
    assert!(!gone["posts"][&ids[1]].to_string().contains("xxxx"), "what was said in a deleted post is gone");
}

#[tokio::test]
async fn threads_pinned_saved_and_found_posts_are_bounded_too() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let (channel, ids) = fat_channel(&ann, 10).await;
    // A thread: its root in any case, the replies in pages.
    let mut replies = Vec::new();
    for _ in 0..8 {
        replies.push(posts_fat(&ann, &channel, &ids[0]).await);
    }
    let (mut from, mut read) = (String::new(), Vec::new());
    loop {
        let path = format!("/posts/{}/thread?direction=down&fromPost={from}", ids[0]);
        let (page, mut some) = list(&ann, &path).await;
        assert_eq!(some.pop(), Some(ids[0].clone()), "the root");
        some.reverse();
        from = some.last().unwrap().clone();
        read.extend(some);
        if page["has_next"] == json!(false) {
            break;
        }
    }
    assert_eq!(read, replies);
    // Replies each of which has a root of its own, all large.
    for root in &ids {
        ann.replies(&json!({"id": root, "channel_id": channel}), "thin").await;
    }
    let (page, some) = list(&ann, &format!("/channels/{channel}/posts?per_page=10")).await;
    assert!((4..=8).contains(&some.len()) && !text(&page, "prev_post_id").is_empty(), "{}", some.len());
    assert!(some.iter().all(|id| !page["posts"][&text(&page["posts"][id], "root_id")].is_null()));
    for post in &ids {
        ann.post(&format!("/posts/{post}/pin"), json!({})).await.is(200);
        let saved = json!([{"user_id": ann.id, "category": "flagged_post", "name": post, "value": "true"}]);
        ann.put("/users/me/preferences", saved).await.is(200);
    }
    for path in [format!("/channels/{channel}/pinned"), "/users/me/posts/flagged".to_owned()] {
        let (page, some) = list(&ann, &path).await;
        assert!(some.len() < 10 && page["has_next"] == json!(true), "{path}: {}", some.len());
        let (page, first) = list(&ann, &format!("{path}?per_page=5&page=0")).await;
        let (_, second) = list(&ann, &format!("{path}?per_page=5&page=1")).await;
        assert_eq!((page["has_next"].clone(), first.len(), second.len()), (Value::Null, 5, 5), "{path}");
        assert!(first.iter().all(|id| !second.contains(id)));
    }
    let search = json!({"terms": "fat", "per_page": 100});
    let found = ann.post("/posts/search", search).await;
    assert!(found.body.len() < 6 << 20);
    assert_eq!(found.is(200)["has_next"], true);
}

#[tokio::test]
async fn many_large_answers_at_once_do_not_fill_the_memory() {
    let mut server = Server::start().await;
    // That it was too busy for some of them.
    server.may_log_errors();
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let (channel, _) = fat_channel(&ann, 60).await;
    let before = server.memory();
    let path = format!("/channels/{channel}/posts?since=1");
    let asks = (0..40).map(|_| ann.get(&path));
    let (answers, me) = tokio::join!(join_all(asks), bob.get("/users/me"));
    me.is(200);
    for answer in answers {
        assert!([200, 429, 503].contains(&answer.status), "{}", answer.status);
        assert!(answer.status == 200 || answer.header("retry-after") == "1");
    }
    let grown = server.peak().saturating_sub(before) / MIB;
    assert!(grown < 400, "{grown} MiB for lists of 42 MB");
    ann.get(&path).await.is(200);
}

#[tokio::test]
async fn connections_that_come_and_go_keep_little_of_what_they_were_shown() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let (channel, _) = fat_channel(&ann, 1).await;
    let before = server.memory();
    for _ in 0..5 {
        let mut socket = ann.listens().await;
        for _ in 0..40 {
            posts_fat(&ann, &channel, "").await;
            socket.expect("posted").await;
        }
    }
    let grown = server.memory().saturating_sub(before) / MIB;
    assert!(grown < 100, "{grown} MiB kept of 140 MB shown");
}

#[tokio::test]
async fn preferences_are_bounded_in_bytes_however_many_are_set_at_once() {
    const VALUE: usize = 20_000;
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let some = |n: usize, value: &str| {
        let one = |i: usize| json!({"user_id": ann.id, "category": "bulk", "name": format!("{n}-{i}"), "value": value});
        json!((0..40).map(one).collect::<Vec<Value>>())
    };
    let value = "x".repeat(VALUE);
    let sets = (0..8).map(|n| ann.put("/users/me/preferences", some(n, &value)));
    let mut kept = 0;
    for answer in join_all(sets).await {
        match answer.status {
            200 => kept += 1,
            400 => {
                assert!(answer.body.contains("value") && answer.body.contains("2097152"), "{}", answer.body);
            }
            // Several large bodies of one account wait for their turn.
            other => assert_eq!(other, 429, "{}", answer.body),
        }
    }
    assert!((1..=2).contains(&kept), "{kept} times 800,000 bytes");
    let listed = ann.get("/users/me/preferences").await;
    assert!(listed.body.len() < 3 << 20, "{}", listed.body.len());
    // What takes no more than before can still be set, and what is removed makes room.
    let full = (8..12).map(|n| some(n, &"x".repeat(5_000)));
    for set in full {
        ann.put("/users/me/preferences", set).await;
    }
    ann.makes_mark("small").await;
}

#[tokio::test]
async fn facts_of_a_post_are_bounded_in_number_too() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let (channel, _) = fat_channel(&ann, 0).await;
    let with =
        |n: usize| json!({"channel_id": channel, "message": "m", "props": {"all": vec![json!([]); n]}});
    ann.post("/posts", with(9_000)).await.is(201);
    ann.post("/posts", with(10_001)).await.refused(400, "model.post.is_valid.props.app_error");
}

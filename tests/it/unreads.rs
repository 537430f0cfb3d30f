//! What is unread: messages and mentions, looked at and marked again.

use serde_json::{Value, json};

use crate::support::{Person, Server, id, number, text};

struct House {
    server: Server,
    ann: Person,
    bob: Person,
    cid: Person,
    team: String,
    channel: String,
}

/// Three share a channel, and have looked at it.
async fn house() -> House {
    let server = Server::start().await;
    let [ann, bob, cid] = server.sign_up_all(["ann", "bob", "cid"]).await;
    let team = ann.makes_team("house").await;
    let channel = ann.makes_channel(&team, "chat").await;
    for person in [&bob, &cid] {
        ann.brings_into_team(&team, person).await;
        person.brings_into_channel(&channel, person).await;
    }
    for person in [&ann, &bob, &cid] {
        looks(person, &channel).await;
    }
    House { server, ann, bob, cid, team, channel }
}

async fn looks(who: &Person, channel: &str) {
    let answer = who.post("/channels/members/me/view", json!({"channel_id": channel})).await.is(200);
    assert_eq!(answer["status"], "OK");
    assert!(number(&answer["last_viewed_at_times"], channel) > 0);
}

/// Messages and mentions that wait for somebody; the member's own counters must say the same.
async fn unread(who: &Person, channel: &str) -> (i64, i64) {
    let unread = who.get(&format!("/users/me/channels/{channel}/unread")).await.is(200);
    let total = number(&who.get(&format!("/channels/{channel}")).await.is(200), "total_msg_count");
    let member = who.get(&format!("/channels/{channel}/members/me")).await.is(200);
    let counts = (number(&unread, "msg_count"), number(&unread, "mention_count"));
    assert_eq!(counts, (total - number(&member, "msg_count"), number(&member, "mention_count")));
    counts
}

#[tokio::test]
async fn what_somebody_changes_in_a_channel_waits_for_the_others() {
    let House { ann, bob, cid, channel, .. } = &house().await;
    cid.posts(channel, "one").await;
    looks(ann, channel).await;
    // Each of these is said in a notice, all of them at once.
    let change = json!({"header": "soup", "purpose": "lunch", "display_name": "Lunch"});
    ann.put(&format!("/channels/{channel}/patch"), change).await.is(200);
    assert_eq!(unread(ann, channel).await, (0, 0));
    assert_eq!(unread(bob, channel).await, (4, 0));
    assert_eq!(unread(cid, channel).await, (3, 0));
    // Who had not read everything before has not read it by changing something.
    bob.put(&format!("/channels/{channel}/patch"), json!({"header": "fish", "purpose": "tea"})).await.is(200);
    assert_eq!(unread(bob, channel).await, (6, 0));
    assert_eq!(unread(ann, channel).await, (2, 0));
}

#[tokio::test]
async fn messages_wait_for_all_but_their_author_until_they_look() {
    let House { ann, bob, cid, channel, .. } = &house().await;
    ann.posts(channel, "one").await;
    ann.posts(channel, "two").await;
    assert_eq!(unread(ann, channel).await, (0, 0));
    assert_eq!(unread(bob, channel).await, (2, 0));
    for _ in 0..2 {
        looks(bob, channel).await;
        assert_eq!(unread(bob, channel).await, (0, 0));
    }
    assert_eq!(unread(cid, channel).await, (2, 0));
    bob.posts(channel, "three").await;
    assert_eq!(unread(ann, channel).await, (1, 0));
}

#[tokio::test]
async fn a_mention_by_name_is_for_the_one_who_is_named() {
    let House { ann, bob, cid, channel, .. } = &house().await;
    ann.posts(channel, "hi @bob, and again @bob. Not @bobby, not mail@bob.example").await;
    ann.posts(channel, "@BOB!").await;
    ann.posts(channel, "`@bob` is code").await;
    assert_eq!(unread(cid, channel).await, (3, 0));
    let (messages, mentions) = unread(bob, channel).await;
    assert_eq!(messages, 3);
    assert!((2..=3).contains(&mentions), "{mentions}");
    looks(bob, channel).await;
    bob.posts(channel, "thanks, says @bob").await;
    assert_eq!(unread(bob, channel).await, (0, 0), "who mentions themself knows");
}

#[tokio::test]
async fn a_mention_of_everybody_is_for_all_others() {
    let House { ann, bob, cid, channel, .. } = &house().await;
    ann.posts(channel, "@channel lunch").await;
    ann.posts(channel, "@all really, @bob").await;
    assert_eq!(unread(bob, channel).await, (2, 2));
    assert_eq!(unread(cid, channel).await, (2, 2));
    assert_eq!(unread(ann, channel).await, (0, 0));
    looks(cid, channel).await;
    assert_eq!(unread(cid, channel).await, (0, 0));
    assert_eq!(unread(bob, channel).await, (2, 2));
}

#[tokio::test]
async fn a_direct_message_is_a_mention() {
    let House { ann, bob, .. } = &house().await;
    let direct = ann.talks_to(bob).await;
    ann.posts(&direct, "psst").await;
    ann.posts(&direct, "@bob?").await;
    assert_eq!(unread(bob, &direct).await, (2, 2));
    assert_eq!(unread(ann, &direct).await, (0, 0));
    looks(bob, &direct).await;
    assert_eq!(unread(bob, &direct).await, (0, 0));
}

#[tokio::test]
async fn a_reply_counts_but_not_among_the_roots() {
    let House { ann, bob, channel, .. } = &house().await;
    let root = ann.posts(channel, "root").await;
    ann.replies(&root, "reply to @bob").await;
    assert_eq!(unread(bob, channel).await, (2, 1));
    let counts = bob.get(&format!("/users/me/channels/{channel}/unread")).await.is(200);
    assert_eq!((number(&counts, "msg_count_root"), number(&counts, "mention_count_root")), (1, 0));
}

#[tokio::test]
async fn a_channel_is_marked_unread_from_a_post_on() {
    let House { ann, bob, channel, .. } = &house().await;
    ann.posts(channel, "one @bob").await;
    let second = ann.posts(channel, "two @bob").await;
    ann.posts(channel, "three @channel").await;
    ann.posts(channel, "four").await;
    looks(bob, channel).await;
    let mut socket = bob.listens().await;
    let path = format!("/users/me/posts/{}/set_unread", id(&second));
    for _ in 0..2 {
        let at = bob.post(&path, Value::Null).await.is(200);
        assert_eq!(number(&at, "mention_count"), 2);
        let event = socket.expect("post_unread").await;
        for key in ["msg_count", "mention_count", "last_viewed_at"] {
            assert_eq!(event["data"][key], at[key], "{key}");
        }
        assert_eq!(text(&event["broadcast"], "channel_id"), *channel);
        assert_eq!(unread(bob, channel).await, (3, 2));
    }
    looks(bob, channel).await;
    assert_eq!(unread(bob, channel).await, (0, 0));
}

#[tokio::test]
async fn counts_are_ones_own() {
    let House { server, ann, bob, channel, team, .. } = &house().await;
    let stranger = server.sign_up("stranger").await;
    let post = ann.posts(channel, "one").await;
    for path in
        [format!("/users/{}/channels/{channel}/unread", bob.id), format!("/users/{}/teams/unread", bob.id)]
    {
        ann.get(&path).await.fails(403);
        stranger.get(&path).await.fails(403);
    }
    stranger.get(&format!("/users/me/channels/{channel}/unread")).await.fails(403);
    stranger.post(&format!("/users/me/posts/{}/set_unread", id(&post)), Value::Null).await.fails(403);
    ann.post(&format!("/users/{}/posts/{}/set_unread", bob.id, id(&post)), Value::Null).await.fails(403);
    let theirs =
        ann.post(&format!("/channels/members/{}/view", bob.id), json!({"channel_id": channel})).await;
    theirs.fails(403);
    stranger.post("/channels/members/me/view", json!({"channel_id": channel})).await;
    assert_eq!(unread(bob, channel).await, (1, 0));
    let teams = bob.get("/users/me/teams/unread").await.is(200);
    assert_eq!(text(&teams[0], "team_id"), *team);
    assert!(number(&teams[0], "msg_count") >= 1);
}

#[tokio::test]
async fn notices_of_coming_and_going_count_for_nobody() {
    let House { server, ann, bob, team, channel, .. } = &house().await;
    let dan = server.sign_up("dan").await;
    ann.brings_into_team(team, &dan).await;
    dan.brings_into_channel(channel, &dan).await;
    dan.delete(&format!("/channels/{channel}/members/{}", dan.id)).await.is(200);
    assert_eq!(unread(bob, channel).await, (0, 0));
    let post = ann.posts(channel, "hello").await;
    assert_eq!(unread(bob, channel).await, (1, 0));
    ann.delete(&format!("/posts/{}", id(&post))).await.is(200);
    looks(bob, channel).await;
    assert_eq!(unread(bob, channel).await, (0, 0));
}

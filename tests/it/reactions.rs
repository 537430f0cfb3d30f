//! Reactions: given once, taken back, and only to what one may read.

use serde_json::{Value, json};

use crate::emoji::makes;
use crate::support::cluster::sql;
use crate::support::form::png;
use crate::support::{Person, Server, each, id, inner, text};

const FORBIDDEN: &str = "api.context.permissions.app_error";

async fn house(server: &Server) -> ([Person; 3], Value) {
    let people = server.sign_up_all(["ann", "bob", "stranger"]).await;
    let team = people[0].makes_team("house").await;
    people[0].brings_into_team(&team, &people[1]).await;
    let town = people[0].finds_channel(&team, "town-square").await;
    let post = people[0].posts(&town, "good news").await;
    (people, post)
}

fn reaction(who: &Person, post: &Value, emoji: &str) -> Value {
    json!({"user_id": who.id, "post_id": id(post), "emoji_name": emoji})
}

#[tokio::test]
async fn a_reaction_counts_once_and_can_be_taken_back() {
    let server = Server::start().await;
    let ([ann, bob, _], post) = house(&server).await;
    let mut socket = ann.listens().await;
    for _ in 0..2 {
        let given = bob.post("/reactions", reaction(&bob, &post, "+1")).await.is(200);
        assert_eq!(text(&given, "emoji_name"), "+1");
    }
    let told = inner(&socket.expect("reaction_added").await, "reaction");
    assert_eq!((text(&told, "user_id"), text(&told, "post_id")), (bob.id.clone(), id(&post)));
    let path = format!("/posts/{}/reactions", id(&post));
    assert_eq!(each(&ann.get(&path).await.is(200), "emoji_name"), ["+1"]);
    let seen = ann.reads(&post).await;
    assert_eq!(seen["has_reactions"], true);
    assert_eq!(each(&seen["metadata"]["reactions"], "user_id"), [bob.id.as_str()]);
    let bulk = ann.post("/posts/ids/reactions", json!([id(&post)])).await.is(200);
    assert_eq!(each(&bulk[id(&post)], "emoji_name"), ["+1"]);
    for _ in 0..2 {
        bob.delete(&format!("/users/{}/posts/{}/reactions/+1", bob.id, id(&post))).await.is(200);
    }
    socket.expect("reaction_removed").await;
    assert!(!socket.heard_by_now(&ann).await.contains(&"reaction_removed".to_owned()), "taken back twice");
    assert_eq!(ann.get(&path).await.is(200), json!([]));
    assert!(ann.reads(&post).await.get("has_reactions").is_none());
}

#[tokio::test]
async fn nobody_reacts_for_another_or_to_what_they_may_not_read() {
    let server = Server::start().await;
    let ([ann, bob, stranger], post) = house(&server).await;
    let refused = bob.post("/reactions", reaction(&ann, &post, "smile")).await;
    refused.refused(403, "api.reaction.save_reaction.user_id.app_error");
    stranger.post("/reactions", reaction(&stranger, &post, "smile")).await.refused(403, FORBIDDEN);
    stranger.get(&format!("/posts/{}/reactions", id(&post))).await.refused(403, FORBIDDEN);
    for bad in ["no such emoji!", "", "a b", &"x".repeat(65), &"x".repeat(100_000)] {
        let refused = bob.post("/reactions", reaction(&bob, &post, bad)).await;
        refused.refused(400, "model.reaction.is_valid.emoji_name.app_error");
    }
    bob.post("/reactions", reaction(&bob, &post, "smile")).await.is(200);
    let theirs = format!("/users/{}/posts/{}/reactions/smile", bob.id, id(&post));
    ann.delete(&theirs).await.refused(403, FORBIDDEN);
    stranger.delete(&theirs).await.refused(403, FORBIDDEN);
    let left = ann.get(&format!("/posts/{}/reactions", id(&post))).await.is(200);
    assert_eq!(each(&left, "user_id"), [bob.id.as_str()]);
}

#[tokio::test]
async fn names_of_one_emoji_are_one_reaction() {
    let server = Server::start().await;
    let ([ann, bob, _], post) = house(&server).await;
    let path = format!("/posts/{}/reactions", id(&post));
    for name in ["thumbsup", "+1", "thumbsup_dark_skin_tone", "flag-de"] {
        bob.post("/reactions", reaction(&bob, &post, name)).await.is(200);
    }
    ann.post("/reactions", reaction(&ann, &post, "thumbsup")).await.is(200);
    let seen = each(&ann.get(&path).await.is(200), "emoji_name");
    assert_eq!(seen, ["+1", "+1_dark_skin_tone", "de", "+1"]);
    // One that was kept under another name goes too.
    let kept = "update reactions set emoji_name = 'thumbsup' where emoji_name = '+1'";
    sql(&server.database, kept);
    let mut socket = ann.listens().await;
    bob.delete(&format!("/users/{}/posts/{}/reactions/+1", bob.id, id(&post))).await.is(200);
    let told = inner(&socket.expect("reaction_removed").await, "reaction");
    assert_eq!(text(&told, "emoji_name"), "thumbsup");
    let seen = each(&ann.get(&path).await.is(200), "emoji_name");
    assert_eq!(seen, ["+1_dark_skin_tone", "de", "thumbsup"]);
}

const FIFTY: &str = "flag-ac flag-ad flag-ae flag-af flag-ag flag-ai flag-al flag-am flag-ao flag-aq flag-ar flag-as flag-at \
    flag-au flag-aw flag-ax flag-az flag-ba flag-bb flag-bd flag-be flag-bf flag-bg flag-bh flag-bi flag-bj flag-bl flag-bm \
    flag-bn flag-bo flag-bq flag-br flag-bs flag-bt flag-bv flag-bw flag-by flag-bz flag-ca flag-cc flag-cd flag-cf flag-cg \
    flag-ch flag-ci flag-ck flag-cl flag-cm flag-co flag-cr";

#[tokio::test]
async fn an_emoji_that_nobody_knows_is_refused() {
    let server = Server::start().await;
    let ([ann, bob, _], post) = house(&server).await;
    let unknown = bob.post("/reactions", reaction(&bob, &post, "no_such_emoji")).await;
    unknown.refused(404, "app.emoji.get_by_name.no_result");
    makes(&ann, "gopher", &png(9, 9)).await.is(201);
    bob.post("/reactions", reaction(&bob, &post, "gopher")).await.is(200);
}

#[tokio::test]
async fn a_post_takes_fifty_different_ones() {
    let server = Server::start().await;
    let ([ann, bob, _], post) = house(&server).await;
    for name in FIFTY.split_whitespace() {
        bob.post("/reactions", reaction(&bob, &post, name)).await.is(200);
    }
    let more = bob.post("/reactions", reaction(&bob, &post, "smile")).await;
    more.refused(400, "app.reaction.save.save.too_many_reactions");
    ann.post("/reactions", reaction(&ann, &post, "flag-ax")).await.is(200);
}

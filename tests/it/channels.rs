//! Channels: public, private, direct; who makes them, comes in, changes them and is removed.

use serde_json::{Value, json};

use crate::support::{Person, Server, each, id, inner, number, text, visitor};

const FORBIDDEN: &str = "api.context.permissions.app_error";

/// A team of ann (its admin) and bob, and a stranger who is in none.
async fn house(server: &Server) -> ([Person; 3], String) {
    let people = server.sign_up_all(["ann", "bob", "stranger"]).await;
    let team = people[0].makes_team("house").await;
    people[0].brings_into_team(&team, &people[1]).await;
    (people, team)
}

#[tokio::test]
async fn a_channel_is_made_once_and_only_inside_the_team() {
    let server = Server::start().await;
    let ([ann, bob, stranger], team) = house(&server).await;
    let mut socket = ann.listens().await;
    let new =
        |name: &str, kind: &str| json!({"team_id": team, "name": name, "display_name": "Chat", "type": kind});
    let channel = ann.post("/channels", new("chat", "O")).await.is(201);
    assert_eq!((text(&channel, "creator_id"), number(&channel, "total_msg_count")), (ann.id.clone(), 0));
    assert_eq!(text(&socket.expect("channel_created").await["data"], "channel_id"), id(&channel));
    let exists = "store.sql_channel.save_channel.exists.app_error";
    ann.post("/channels", new("chat", "P")).await.refused(400, exists);
    ann.post("/channels", new("Bad Name!", "O"))
        .await
        .refused(400, "model.channel.is_valid.2_or_more.app_error");
    ann.post("/channels", new("other", "X")).await.refused(400, "model.channel.is_valid.type.app_error");
    ann.post("/channels", new("a__b", "O")).await.fails(400);
    stranger.post("/channels", new("intruder", "O")).await.refused(403, FORBIDDEN);
    visitor(&server.base).post("/channels", new("intruder", "O")).await.fails(401);
    let mine = bob.get(&format!("/users/me/teams/{team}/channels")).await.is(200);
    assert_eq!(mine.as_array().unwrap().len(), 2, "being in the team is not being in the channel");
    let public = bob.get(&format!("/teams/{team}/channels")).await.is(200);
    assert_eq!(each(&public, "name").iter().filter(|n| *n == "chat").count(), 1);
}

#[tokio::test]
async fn a_private_channel_is_hidden_from_all_but_its_members() {
    let server = Server::start().await;
    let ([ann, bob, stranger], team) = house(&server).await;
    let secret = ann.makes_private_channel(&team, "secret").await;
    let post = ann.posts(&secret, "hush").await;
    for person in [&bob, &stranger] {
        for path in ["", "/posts", "/members", "/stats", "/pinned", "/members/me"] {
            let answer = person.get(&format!("/channels/{secret}{path}")).await;
            assert!([403, 404].contains(&answer.status), "{path}: {answer:?}");
        }
        person.get(&format!("/posts/{}", id(&post))).await.refused(403, FORBIDDEN);
        person.tries_to_post(&secret, "let me in").await.refused(403, FORBIDDEN);
        let join = person.post(&format!("/channels/{secret}/members"), json!({"user_id": person.id})).await;
        join.refused(403, FORBIDDEN);
    }
    let found = bob.post(&format!("/teams/{team}/channels/search"), json!({"term": "secret"})).await.is(200);
    assert_eq!(found, json!([]));
    let found = bob.post(&format!("/teams/{team}/posts/search"), json!({"terms": "hush"})).await.is(200);
    assert_eq!(found["order"], json!([]));
    let found = ann.post(&format!("/teams/{team}/posts/search"), json!({"terms": "hush"})).await.is(200);
    assert_eq!(found["order"], json!([id(&post)]));
    ann.brings_into_channel(&secret, &bob).await;
    assert_eq!(bob.reads(&post).await["message"], "hush");
    let uninvited = ann.post(&format!("/channels/{secret}/members"), json!({"user_id": stranger.id})).await;
    uninvited.refused(404, "app.team.get_member.missing.app_error");
}

#[tokio::test]
async fn whoever_joins_hears_the_channel_from_then_on() {
    let server = Server::start().await;
    let ([ann, bob, _], team) = house(&server).await;
    let channel = ann.makes_channel(&team, "chat").await;
    let mut socket = bob.listens().await;
    ann.posts(&channel, "before").await;
    bob.brings_into_channel(&channel, &bob).await;
    let event = socket.expect("user_added").await;
    assert_eq!(text(&event["data"], "user_id"), bob.id);
    assert_eq!(text(&event["broadcast"], "channel_id"), channel);
    let notice = inner(&socket.expect("posted").await, "post");
    assert_eq!(text(&notice, "type"), "system_join_channel");
    ann.posts(&channel, "after").await;
    assert_eq!(text(&inner(&socket.expect("posted").await, "post"), "message"), "after");
    bob.brings_into_channel(&channel, &bob).await;
    assert_eq!(socket.heard_by_now(&bob).await, Vec::<String>::new(), "joined twice");
    let stats = ann.get(&format!("/channels/{channel}/stats")).await.is(200);
    assert_eq!(number(&stats, "member_count"), 2);
}

#[tokio::test]
async fn whoever_is_brought_in_while_connected_hears_so_and_all_that_follows() {
    let server = Server::start().await;
    let ([ann, bob, _], team) = house(&server).await;
    let secret = ann.makes_private_channel(&team, "secret").await;
    let mut socket = bob.listens().await;
    ann.brings_into_channel(&secret, &bob).await;
    ann.posts(&secret, "welcome").await;
    let event = socket.expect("user_added").await;
    assert_eq!((text(&event["data"], "user_id"), text(&event["data"], "team_id")), (bob.id.clone(), team));
    let notice = inner(&socket.expect("posted").await, "post");
    assert_eq!(text(&notice, "type"), "system_add_to_channel");
    assert_eq!(text(&inner(&socket.expect("posted").await, "post"), "message"), "welcome");
}

#[tokio::test]
async fn whoever_is_removed_hears_and_sees_nothing_more() {
    let server = Server::start().await;
    let ([ann, bob, stranger], team) = house(&server).await;
    let channel = ann.makes_private_channel(&team, "chat").await;
    ann.brings_into_channel(&channel, &bob).await;
    let (mut anns, mut bobs) = (ann.listens().await, bob.listens().await);
    let member = format!("/channels/{channel}/members/{}", bob.id);
    stranger.delete(&member).await.refused(403, FORBIDDEN);
    ann.delete(&member).await.is(200);
    let event = bobs.expect("user_removed").await;
    assert_eq!(
        (text(&event["data"], "channel_id"), text(&event["data"], "remover_id")),
        (channel.clone(), ann.id.clone())
    );
    let event = anns.expect("user_removed").await;
    assert_eq!(
        (text(&event["data"], "user_id"), text(&event["data"], "remover_id")),
        (bob.id.clone(), ann.id.clone())
    );
    bobs.heard_by_now(&bob).await;
    let post = ann.posts(&channel, "he is gone").await;
    anns.expect_that("posted", |e| text(&e["data"], "post").contains("he is gone")).await;
    assert_eq!(bobs.heard_by_now(&bob).await, Vec::<String>::new());
    bob.tries_to_post(&channel, "still here?").await.refused(403, FORBIDDEN);
    bob.get(&format!("/posts/{}", id(&post))).await.refused(403, FORBIDDEN);
    bob.get(&format!("/channels/{channel}/posts")).await.refused(403, FORBIDDEN);
    let react = json!({"user_id": bob.id, "post_id": id(&post), "emoji_name": "smile"});
    bob.post("/reactions", react).await.refused(403, FORBIDDEN);
    ann.delete(&member).await.fails(404);
    assert_eq!(number(&ann.get(&format!("/channels/{channel}/stats")).await.is(200), "member_count"), 1);
}

#[tokio::test]
async fn a_member_leaves_a_channel_but_not_the_town_square() {
    let server = Server::start().await;
    let ([ann, bob, _], team) = house(&server).await;
    let channel = ann.makes_channel(&team, "chat").await;
    bob.brings_into_channel(&channel, &bob).await;
    bob.delete(&format!("/channels/{channel}/members/{}", bob.id)).await.is(200);
    bob.tries_to_post(&channel, "hello?").await.refused(403, FORBIDDEN);
    let town = bob.finds_channel(&team, "town-square").await;
    bob.delete(&format!("/channels/{town}/members/{}", bob.id)).await.fails(400);
    bob.posts(&town, "still here").await;
    ann.delete(&format!("/channels/{town}"))
        .await
        .refused(400, "api.channel.delete_channel.cannot.app_error");
}

#[tokio::test]
async fn changes_are_told_in_an_event_and_a_notice() {
    let server = Server::start().await;
    let ([ann, bob, stranger], team) = house(&server).await;
    let channel = ann.makes_channel(&team, "chat").await;
    bob.brings_into_channel(&channel, &bob).await;
    let mut socket = bob.listens().await;
    let path = format!("/channels/{channel}/patch");
    let change = json!({"header": "new head", "purpose": "new purpose", "display_name": "Chat 2"});
    stranger.put(&path, change.clone()).await.refused(403, FORBIDDEN);
    let changed = ann.put(&path, change.clone()).await.is(200);
    assert_eq!(
        (text(&changed, "header"), text(&changed, "display_name")),
        ("new head".into(), "Chat 2".into())
    );
    socket.expect("channel_updated").await;
    let mut notices = Vec::new();
    for _ in 0..3 {
        notices.push(text(&inner(&socket.expect("posted").await, "post"), "type"));
    }
    notices.sort();
    assert_eq!(notices, ["system_displayname_change", "system_header_change", "system_purpose_change"]);
    ann.put(&path, change).await.is(200);
    assert_eq!(socket.heard_by_now(&bob).await, Vec::<String>::new(), "nothing changed");
    for bad in
        [json!({"purpose": "x".repeat(251)}), json!({"header": "x".repeat(100_000)}), json!({"name": ""})]
    {
        ann.put(&path, bad).await.fails(400);
    }
    assert_eq!(text(&bob.get(&format!("/channels/{channel}")).await.is(200), "purpose"), "new purpose");
}

#[tokio::test]
async fn an_archived_channel_takes_no_posts_until_it_is_back() {
    let server = Server::start().await;
    let ([ann, bob, stranger], team) = house(&server).await;
    let channel = ann.makes_channel(&team, "chat").await;
    bob.brings_into_channel(&channel, &bob).await;
    let mut socket = bob.listens().await;
    stranger.delete(&format!("/channels/{channel}")).await.refused(403, FORBIDDEN);
    ann.delete(&format!("/channels/{channel}")).await.is(200);
    assert_eq!(text(&socket.expect("channel_deleted").await["data"], "channel_id"), channel);
    let refused = bob.tries_to_post(&channel, "anyone?").await;
    refused.refused(400, "api.post.create_post.can_not_post_to_deleted.error");
    ann.delete(&format!("/channels/{channel}")).await.fails(400);
    let restore = format!("/channels/{channel}/restore");
    bob.post(&restore, Value::Null).await.refused(403, FORBIDDEN);
    assert_eq!(number(&ann.post(&restore, Value::Null).await.is(200), "delete_at"), 0);
    socket.expect("channel_restored").await;
    bob.posts(&channel, "back").await;
}

#[tokio::test]
async fn only_an_admin_makes_a_channel_private() {
    let server = Server::start().await;
    let ([ann, bob, _], team) = house(&server).await;
    let channel = ann.makes_channel(&team, "chat").await;
    bob.brings_into_channel(&channel, &bob).await;
    let cid = server.sign_up("cid").await;
    ann.brings_into_team(&team, &cid).await;
    let mut socket = cid.listens().await;
    let path = format!("/channels/{channel}/privacy");
    bob.put(&path, json!({"privacy": "P"})).await.refused(403, FORBIDDEN);
    cid.get(&format!("/channels/{channel}")).await.is(200);
    for _ in 0..2 {
        assert_eq!(text(&ann.put(&path, json!({"privacy": "P"})).await.is(200), "type"), "P");
    }
    assert_eq!(text(&socket.expect("channel_converted").await["data"], "channel_id"), channel);
    cid.get(&format!("/channels/{channel}")).await.refused(403, FORBIDDEN);
    bob.posts(&channel, "among us").await;
    let town = ann.finds_channel(&team, "town-square").await;
    ann.put(&format!("/channels/{town}/privacy"), json!({"privacy": "P"})).await.fails(400);
}

#[tokio::test]
async fn two_have_one_channel_and_nobody_else_is_in_it() {
    let server = Server::start().await;
    let ([ann, bob, stranger], _) = house(&server).await;
    let mut socket = bob.listens().await;
    let channel = ann.talks_to(&bob).await;
    assert_eq!(text(&socket.expect("direct_added").await["broadcast"], "channel_id"), channel);
    assert_eq!(bob.talks_to(&ann).await, channel);
    ann.posts(&channel, "psst").await;
    assert_eq!(text(&inner(&socket.expect("posted").await, "post"), "message"), "psst");
    assert_eq!(socket.heard_by_now(&bob).await, Vec::<String>::new(), "opened twice");
    let (first, second) = if ann.id < bob.id { (&ann.id, &bob.id) } else { (&bob.id, &ann.id) };
    let seen = ann.get(&format!("/channels/{channel}")).await.is(200);
    assert_eq!((text(&seen, "name"), text(&seen, "type")), (format!("{first}__{second}"), "D".into()));
    for outsider in [&stranger, &server.admin] {
        outsider.get(&format!("/channels/{channel}/posts")).await.refused(403, FORBIDDEN);
        outsider.tries_to_post(&channel, "what's up?").await.refused(403, FORBIDDEN);
    }
    stranger.post("/channels/direct", json!([ann.id, bob.id])).await.fails(403);
}

#[tokio::test]
async fn a_group_has_three_to_eight() {
    let server = Server::start().await;
    let ([ann, bob, cid], _) = house(&server).await;
    let mut socket = cid.listens().await;
    let small = ann.post("/channels/group", json!([bob.id])).await;
    small.refused(400, "api.channel.create_group.bad_size.app_error");
    let group = ann.post("/channels/group", json!([bob.id, cid.id])).await.is(201);
    assert_eq!(text(&group, "type"), "G");
    socket.expect("group_added").await;
    let again = bob.post("/channels/group", json!([cid.id, bob.id, ann.id])).await.is(201);
    assert_eq!(id(&again), id(&group));
    bob.posts(&id(&group), "hello, you two").await;
    assert_eq!(text(&inner(&socket.expect("posted").await, "post"), "message"), "hello, you two");
    server.admin.tries_to_post(&id(&group), "and me?").await.refused(403, FORBIDDEN);
}

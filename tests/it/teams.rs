//! Teams: who founds them, sees them, comes in, changes them and leaves.

use serde_json::{Value, json};

use crate::support::{Server, each, id, number, text, visitor};

const FORBIDDEN: &str = "api.context.permissions.app_error";

#[tokio::test]
async fn a_team_has_a_founder_and_two_channels() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let mut socket = ann.listens().await;
    let team = ann.makes_team("house").await;
    assert_eq!(text(&socket.expect("added_to_team").await["data"], "team_id"), team);
    let channels = ann.get(&format!("/users/me/teams/{team}/channels")).await.is(200);
    let mut names = each(&channels, "name");
    names.sort();
    assert_eq!(names, ["off-topic", "town-square"]);
    let members = ann.get("/users/me/teams/members").await.is(200);
    assert_eq!(members[0]["team_id"], team.as_str());
    assert_eq!((&members[0]["scheme_admin"], &members[0]["scheme_user"]), (&json!(true), &json!(true)));
    assert_eq!(text(&members[0], "roles"), "team_user team_admin");
    let town = ann.finds_channel(&team, "town-square").await;
    ann.posts(&town, "first").await;
    assert_eq!(
        text(
            &crate::support::inner(
                &socket
                    .expect_that("posted", |e| !e["data"]["post"].as_str().unwrap().contains("system_"))
                    .await,
                "post"
            ),
            "message"
        ),
        "first"
    );
}

#[tokio::test]
async fn a_name_is_taken_once_and_must_be_a_name() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let new = |name: &str, kind: &str| json!({"name": name, "display_name": "The House", "type": kind});
    ann.post("/teams", new("house", "O")).await.is(201);
    bob.post("/teams", new("house", "O")).await.refused(400, "app.team.save.existing.app_error");
    bob.post("/teams", new("Bad Name!", "O")).await.refused(400, "model.team.is_valid.characters.app_error");
    bob.post("/teams", new("admin-house", "O")).await.refused(400, "model.team.is_valid.reserved.app_error");
    bob.post("/teams", new("other", "X")).await.refused(400, "model.team.is_valid.type.app_error");
    bob.post("/teams", json!({"name": "other", "type": "O"}))
        .await
        .refused(400, "model.team.is_valid.name.app_error");
    visitor(&server.base).post("/teams", new("other", "O")).await.fails(401);
    assert_eq!(bob.get("/users/me/teams").await.is(200), json!([]));
    assert_eq!(ann.get("/teams/name/house/exists").await.is(200)["exists"], true);
    assert_eq!(ann.get("/teams/name/other/exists").await.is(200)["exists"], false);
}

#[tokio::test]
async fn a_stranger_sees_nothing_of_a_team() {
    let server = Server::start().await;
    let [ann, stranger] = server.sign_up_all(["ann", "stranger"]).await;
    let team = ann.makes_team("house").await;
    for path in ["", "/members", "/stats", "/channels", "/channels/name/town-square"] {
        stranger.get(&format!("/teams/{team}{path}")).await.fails(403);
    }
    for path in ["/members/ids", "/channels/search", "/posts/search"] {
        let body = if path == "/members/ids" { json!([ann.id]) } else { json!({"term": "x", "terms": "x"}) };
        stranger.post(&format!("/teams/{team}{path}"), body).await.refused(403, FORBIDDEN);
    }
    let change = json!({"display_name": "Mine"});
    stranger.put(&format!("/teams/{team}/patch"), change).await.refused(403, FORBIDDEN);
    let member = json!({"team_id": team, "user_id": stranger.id});
    stranger.post(&format!("/teams/{team}/members"), member).await.refused(403, FORBIDDEN);
    stranger.delete(&format!("/teams/{team}")).await.refused(403, FORBIDDEN);
    stranger.delete(&format!("/teams/{team}/members/{}", ann.id)).await.refused(403, FORBIDDEN);
    assert_eq!(stranger.get("/users/me/teams").await.is(200), json!([]));
    assert_eq!(number(&ann.get(&format!("/teams/{team}/stats")).await.is(200), "total_member_count"), 1);
    // The administrator of the organisation is a stranger nowhere.
    assert_eq!(id(&server.admin.get(&format!("/teams/{team}")).await.is(200)), team);
}

#[tokio::test]
async fn whoever_is_brought_in_is_a_member_once() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    let (mut anns, mut bobs) = (ann.listens().await, bob.listens().await);
    ann.brings_into_team(&team, &bob).await;
    assert_eq!(text(&bobs.expect("added_to_team").await["data"], "team_id"), team);
    assert_eq!(text(&anns.expect("user_added").await["data"], "user_id"), bob.id);
    bobs.expect("user_added").await;
    bobs.expect("user_added").await;
    for socket in [&mut anns, &mut bobs] {
        socket.expect_that("posted", |e| text(&e["data"], "post").contains("system_add_to_team")).await;
    }
    let town = ann.finds_channel(&team, "town-square").await;
    let before = ann.reads_channel(&town).await["order"].as_array().unwrap().len();
    bobs.heard_by_now(&bob).await;
    ann.brings_into_team(&team, &bob).await;
    assert_eq!(bobs.heard_by_now(&bob).await, Vec::<String>::new(), "brought in twice");
    assert_eq!(ann.reads_channel(&town).await["order"].as_array().unwrap().len(), before);
    let members = ann.get(&format!("/teams/{team}/members")).await.is(200);
    assert_eq!(members.as_array().unwrap().len(), 2);
    let bob_there = ann.get(&format!("/teams/{team}/members/{}", bob.id)).await.is(200);
    assert_eq!(text(&bob_there, "roles"), "team_user");
}

#[tokio::test]
async fn an_invitation_opens_the_door_until_there_is_a_new_one() {
    let server = Server::start().await;
    let [ann, bob, cid] = server.sign_up_all(["ann", "bob", "cid"]).await;
    let team = ann.makes_team("house").await;
    let invite = text(&ann.get(&format!("/teams/{team}")).await.is(200), "invite_id");
    let info = bob.get(&format!("/teams/invite/{invite}")).await.is(200);
    assert_eq!(text(&info, "name"), "house");
    let join = |invite: &str| format!("/teams/members/invite?invite_id={invite}");
    for _ in 0..2 {
        assert_eq!(text(&bob.post(&join(&invite), Value::Null).await.is(201), "user_id"), bob.id);
    }
    let hidden = bob.get(&format!("/teams/{team}")).await.is(200);
    bob.post(&format!("/teams/{team}/regenerate_invite_id"), Value::Null).await.refused(403, FORBIDDEN);
    let new = ann.post(&format!("/teams/{team}/regenerate_invite_id"), Value::Null).await.is(200);
    assert_ne!(text(&new, "invite_id"), invite);
    assert_ne!(text(&hidden, "invite_id"), text(&new, "invite_id"));
    let late = cid.post(&join(&invite), Value::Null).await;
    assert!([400, 404].contains(&late.status), "{late:?}");
    cid.get(&format!("/teams/{team}")).await.refused(403, FORBIDDEN);
    cid.post(&join(&text(&new, "invite_id")), Value::Null).await.is(201);
}

#[tokio::test]
async fn a_member_changes_nothing_and_an_admin_does() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    let mut socket = bob.listens().await;
    let patch = format!("/teams/{team}/patch");
    let change = json!({"display_name": "The Best House", "description": "all of us"});
    bob.put(&patch, change.clone()).await.refused(403, FORBIDDEN);
    assert_eq!(text(&bob.get(&format!("/teams/{team}")).await.is(200), "display_name"), "house");
    let changed = ann.put(&patch, change.clone()).await.is(200);
    assert_eq!(text(&changed, "display_name"), "The Best House");
    socket.expect("update_team").await;
    ann.put(&patch, json!({"display_name": ""})).await.fails(400);
    ann.put(&patch, json!({"display_name": "x".repeat(100_000)})).await.fails(400);
    let roles = |user: &str| format!("/teams/{team}/members/{user}/schemeRoles");
    let admin = json!({"scheme_admin": true, "scheme_user": true});
    bob.put(&roles(&bob.id), admin.clone()).await.refused(403, FORBIDDEN);
    ann.put(&roles(&bob.id), admin).await.is(200);
    let event = socket.expect("memberrole_updated").await;
    assert_eq!(crate::support::inner(&event, "member")["scheme_admin"], true);
    bob.put(&patch, json!({"display_name": "Ours"})).await.is(200);
}

#[tokio::test]
async fn whoever_leaves_hears_and_sees_nothing_more() {
    let server = Server::start().await;
    let [ann, bob, cid] = server.sign_up_all(["ann", "bob", "cid"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    ann.brings_into_team(&team, &cid).await;
    let town = ann.finds_channel(&team, "town-square").await;
    let (mut anns, mut bobs) = (ann.listens().await, bob.listens().await);
    bob.delete(&format!("/teams/{team}/members/{}", ann.id)).await.refused(403, FORBIDDEN);
    ann.delete(&format!("/teams/{team}/members/{}", bob.id)).await.is(200);
    assert_eq!(text(&bobs.expect("leave_team").await["data"], "user_id"), bob.id);
    anns.expect("leave_team").await;
    bobs.heard_by_now(&bob).await;
    ann.posts(&town, "he is gone").await;
    ann.put(&format!("/teams/{team}/patch"), json!({"description": "without him"})).await.is(200);
    anns.expect_that("posted", |e| text(&e["data"], "post").contains("he is gone")).await;
    anns.expect("update_team").await;
    assert_eq!(bobs.heard_by_now(&bob).await, Vec::<String>::new());
    bob.tries_to_post(&town, "still here?").await.refused(403, FORBIDDEN);
    bob.get(&format!("/channels/{town}/posts")).await.refused(403, FORBIDDEN);
    bob.get(&format!("/teams/{team}")).await.refused(403, FORBIDDEN);
    ann.delete(&format!("/teams/{team}/members/{}", bob.id)).await.fails(400);
    cid.delete(&format!("/teams/{team}/members/{}", cid.id)).await.is(200);
    cid.get(&format!("/teams/{team}")).await.refused(403, FORBIDDEN);
    assert_eq!(number(&ann.get(&format!("/teams/{team}/stats")).await.is(200), "total_member_count"), 1);
}

#[tokio::test]
async fn a_team_is_archived_by_its_admin_and_comes_back() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    let mut socket = bob.listens().await;
    let path = format!("/teams/{team}");
    bob.delete(&path).await.refused(403, FORBIDDEN);
    for _ in 0..2 {
        ann.delete(&path).await.is(200);
    }
    let told = crate::support::inner(&socket.expect("delete_team").await, "team");
    assert_eq!(id(&told), team);
    assert_ne!(number(&told, "delete_at"), 0);
    let restored = ann.post(&format!("{path}/restore"), Value::Null).await.is(200);
    assert_eq!(number(&restored, "delete_at"), 0);
    socket.expect("restore_team").await;
    assert_eq!(socket.heard_by_now(&bob).await, Vec::<String>::new(), "archived twice, told once");
}

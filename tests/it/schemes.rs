//! Stories about schemes: some teams, or channels, have roles of their own.

use serde_json::{Value, json};

use crate::support::{Person, Server, id, text};

const FORBIDDEN: &str = "api.context.permissions.app_error";

async fn scheme(admin: &Person, scope: &str) -> Value {
    admin.post("/schemes", json!({"display_name": "Quiet", "scope": scope})).await.is(201)
}

/// Takes a permission from a role.
async fn withdraws(admin: &Person, role: &str, permission: &str) {
    let role = admin.get(&format!("/roles/name/{role}")).await.is(200);
    let kept = role["permissions"].as_array().unwrap().iter().filter(|p| **p != permission);
    let patch = json!({"permissions": kept.collect::<Vec<_>>()});
    admin.put(&format!("/roles/{}/patch", id(&role)), patch).await.is(200);
}

#[tokio::test]
async fn administrators_make_change_and_remove_schemes() {
    let server = Server::start().await;
    let (admin, ann) = (&server.admin, server.sign_up("ann").await);
    ann.get("/schemes").await.refused(403, FORBIDDEN);
    ann.post("/schemes", json!({"display_name": "x", "scope": "team"})).await.refused(403, FORBIDDEN);
    admin.post("/schemes", json!({"display_name": "x", "scope": "world"})).await.fails(400);
    let quiet = scheme(admin, "team").await;
    let named = json!({"name": text(&quiet, "name"), "display_name": "x", "scope": "team"});
    admin.post("/schemes", named).await.refused(400, "app.scheme.save.name_exists.app_error");
    let path = format!("/schemes/{}", id(&quiet));
    assert_eq!(admin.get(&path).await.is(200), quiet);
    assert_eq!(admin.get("/schemes?scope=team").await.is(200), json!([quiet]));
    assert_eq!(admin.get("/schemes?scope=channel").await.is(200), json!([]));
    ann.put(&format!("{path}/patch"), json!({"display_name": "Loud"})).await.refused(403, FORBIDDEN);
    let loud = admin.put(&format!("{path}/patch"), json!({"display_name": "Loud"})).await.is(200);
    assert_eq!(text(&loud, "display_name"), "Loud");
    ann.delete(&path).await.refused(403, FORBIDDEN);
    admin.delete(&path).await.is(200);
    admin.get(&path).await.fails(404);
    admin.delete(&path).await.fails(404);
}

#[tokio::test]
async fn a_team_under_a_scheme_has_its_own_roles() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let (team, other) = (ann.makes_team("house").await, ann.makes_team("other").await);
    for team in [&team, &other] {
        ann.brings_into_team(team, &bob).await;
    }
    let town = ann.finds_channel(&team, "town-square").await;
    let elsewhere = ann.finds_channel(&other, "town-square").await;
    let quiet = scheme(&server.admin, "team").await;
    withdraws(&server.admin, &text(&quiet, "default_channel_user_role"), "create_post").await;
    withdraws(&server.admin, &text(&quiet, "default_team_user_role"), "create_public_channel").await;
    bob.posts(&town, "still").await;
    let (under, mut socket) = (json!({"scheme_id": id(&quiet)}), bob.listens().await);
    ann.put(&format!("/teams/{team}/scheme"), under.clone()).await.refused(403, FORBIDDEN);
    server.admin.put(&format!("/teams/{team}/scheme"), under).await.is(200);
    let told = socket.expect("update_team_scheme").await;
    let told: Value = serde_json::from_str(&text(&told["data"], "team")).unwrap();
    // All that every member reads: the invitation is for those who may invite.
    let mut read = bob.get(&format!("/teams/{team}")).await.is(200);
    read["invite_id"] = json!("");
    assert_eq!(told, read);
    assert_eq!(text(&told, "scheme_id"), id(&quiet));
    // At once, in every channel of the team, and in no other.
    bob.tries_to_post(&town, "no more").await.refused(403, FORBIDDEN);
    bob.posts(&elsewhere, "here").await;
    let new = json!({"team_id": team, "name": "new", "display_name": "New", "type": "O"});
    bob.post("/channels", new).await.refused(403, FORBIDDEN);
    let fresh =
        ann.post("/channels", json!({"team_id": team, "name": "p", "display_name": "P", "type": "P"})).await;
    ann.brings_into_channel(&id(&fresh.is(201)), &bob).await;
    // Members are told the names of the roles that hold.
    let member = bob.get(&format!("/teams/{team}/members/{}", bob.id)).await.is(200);
    assert_eq!(text(&member, "roles"), text(&quiet, "default_team_user_role"));
    let member = bob.get(&format!("/channels/{town}/members/{}", bob.id)).await.is(200);
    assert_eq!(text(&member, "roles"), text(&quiet, "default_channel_user_role"));
    let teams = server.admin.get(&format!("/schemes/{}/teams", id(&quiet))).await.is(200);
    assert_eq!(teams.as_array().unwrap().iter().map(id).collect::<Vec<_>>(), std::slice::from_ref(&team));
    // Without the scheme it is as before.
    server.admin.delete(&format!("/schemes/{}", id(&quiet))).await.is(200);
    bob.posts(&town, "again").await;
}

#[tokio::test]
async fn a_channel_under_a_scheme_only_loses() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    let town = ann.finds_channel(&team, "town-square").await;
    let (news, tidy) = (scheme(&server.admin, "channel").await, scheme(&server.admin, "team").await);
    withdraws(&server.admin, &text(&news, "default_channel_user_role"), "create_post").await;
    let mut socket = bob.listens().await;
    let path = format!("/channels/{town}/scheme");
    server.admin.put(&path, json!({"scheme_id": id(&tidy)})).await.fails(400);
    server.admin.put(&path, json!({"scheme_id": id(&news)})).await.is(200);
    socket.expect("channel_scheme_updated").await;
    bob.tries_to_post(&town, "me too").await.refused(403, FORBIDDEN);
    let channels = server.admin.get(&format!("/schemes/{}/channels", id(&news))).await.is(200);
    assert_eq!(channels.as_array().unwrap().iter().map(id).collect::<Vec<_>>(), std::slice::from_ref(&town));
    ann.put(&path, json!({"scheme_id": ""})).await.refused(403, FORBIDDEN);
    server.admin.put(&path, json!({"scheme_id": ""})).await.is(200);
    bob.posts(&town, "me too").await;
}

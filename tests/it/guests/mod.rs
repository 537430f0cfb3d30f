//! Stories about guests: they are where they were let in, and see whom they meet there, by REST and on sockets. What
//! they hear on another node than the one where it happens is in `elsewhere`.

mod elsewhere;

use serde_json::{Value, json};

use crate::support::{Person, Server, id, text};

const FORBIDDEN: &str = "api.context.permissions.app_error";

/// A team of ann's with a channel in which gus, a guest, meets bob; cid is in the team, and dan nowhere.
struct House {
    server: Server,
    ann: Person,
    bob: Person,
    cid: Person,
    dan: Person,
    gus: Person,
    team: String,
    channel: String,
}

impl House {
    async fn new() -> Self {
        Self::at(Server::start().await).await
    }

    async fn at(server: Server) -> Self {
        let [ann, bob, cid, dan, gus] = server.sign_up_all(["ann", "bob", "cid", "dan", "gus"]).await;
        demote(&server, &gus).await;
        let team = ann.makes_team("house").await;
        for who in [&bob, &cid] {
            ann.brings_into_team(&team, who).await;
        }
        // Members bring no guests.
        server.admin.brings_into_team(&team, &gus).await;
        let channel = bob.makes_channel(&team, "lobby").await;
        bob.brings_into_channel(&channel, &gus).await;
        Self { server, ann, bob, cid, dan, gus, team, channel }
    }
}

async fn demote(server: &Server, who: &Person) {
    server.admin.post(&format!("/users/{}/demote", who.id), json!({})).await.is(200);
}

fn names(users: &Value) -> Vec<String> {
    let mut names: Vec<String> = users.as_array().unwrap().iter().map(|u| text(u, "username")).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_guest_sees_whom_they_meet_and_nobody_else() {
    let House { server, bob, cid, dan, gus, team, channel, .. } = House::new().await;
    assert_eq!(text(&gus.get("/users/me").await.is(200), "roles"), "system_guest");
    let met = ["bob", "gus"];
    for path in ["/users", &format!("/users?in_team={team}"), &format!("/users?in_channel={channel}")] {
        assert_eq!(names(&gus.get(path).await.is(200)), met, "{path}");
    }
    assert_eq!(names(&gus.post("/users/search", json!({"term": "b"})).await.is(200)), ["bob"]);
    assert_eq!(names(&gus.post("/users/search", json!({"term": "c"})).await.is(200)), [""; 0]);
    let found = gus.get(&format!("/users/autocomplete?in_team={team}&name=")).await.is(200);
    assert_eq!(names(&found["users"]), met);
    let everybody = json!([bob.id, cid.id, dan.id, gus.id]);
    assert_eq!(names(&gus.post("/users/ids", everybody.clone()).await.is(200)), met);
    assert_eq!(names(&gus.post("/users/usernames", json!(["bob", "cid", "dan"])).await.is(200)), ["bob"]);
    assert_eq!(gus.post("/users/status/ids", everybody).await.is(200).as_array().unwrap().len(), 2);
    for stranger in [&cid, &dan] {
        for path in ["", "/image", "/image/default", "/status"] {
            gus.get(&format!("/users/{}{path}", stranger.id)).await.fails(404);
        }
        gus.get(&format!("/users/username/{}", stranger.name)).await.fails(404);
        gus.get(&format!("/users/email/{}@example.com", stranger.name)).await.fails(404);
        gus.get(&format!("/teams/{team}/members/{}", stranger.id)).await.fails(404);
        gus.post("/channels/direct", json!([gus.id, stranger.id])).await.fails(400);
    }
    gus.get(&format!("/users/{}", bob.id)).await.is(200);
    let members = gus.get(&format!("/teams/{team}/members")).await.is(200);
    assert_eq!(members.as_array().unwrap().len(), 2);
    gus.talks_to(&bob).await;
    // Everybody else sees the guest.
    assert_eq!(text(&dan.get(&format!("/users/{}", gus.id)).await.is(200), "roles"), "system_guest");
    drop(server);
}

#[tokio::test]
async fn a_guest_is_where_they_were_let_in() {
    let House { server, ann, bob, gus, team, channel, .. } = House::new().await;
    let open = ann.makes_channel(&team, "open").await;
    let lists = |list: Value| list.as_array().unwrap().iter().map(id).collect::<Vec<_>>();
    assert_eq!(
        lists(gus.get(&format!("/users/me/teams/{team}/channels")).await.is(200)),
        std::slice::from_ref(&channel)
    );
    gus.get(&format!("/teams/{team}/channels")).await.refused(403, FORBIDDEN);
    let term = json!({"term": "o"});
    let found = gus.post(&format!("/teams/{team}/channels/search"), term.clone()).await.is(200);
    assert_eq!(lists(found), std::slice::from_ref(&channel));
    assert_eq!(lists(gus.post("/channels/search", term).await.is(200)), std::slice::from_ref(&channel));
    gus.get(&format!("/channels/{open}")).await.refused(403, FORBIDDEN);
    gus.get(&format!("/channels/{open}/posts")).await.refused(403, FORBIDDEN);
    gus.post(&format!("/channels/{open}/members"), json!({"user_id": gus.id})).await.refused(403, FORBIDDEN);
    // They speak and react, and manage nothing.
    let post = gus.posts(&channel, "hello").await;
    gus.post("/reactions", json!({"user_id": gus.id, "post_id": id(&post), "emoji_name": "smile"}))
        .await
        .is(200);
    let new = json!({"team_id": team, "name": "mine", "display_name": "x", "type": "O"});
    gus.post("/channels", new).await.refused(403, FORBIDDEN);
    gus.post("/teams", json!({"name": "mine", "display_name": "x", "type": "O"}))
        .await
        .refused(403, FORBIDDEN);
    gus.put(&format!("/channels/{channel}/patch"), json!({"header": "x"})).await.refused(403, FORBIDDEN);
    gus.delete(&format!("/posts/{}", id(&post))).await.refused(403, FORBIDDEN);
    // Teams that are open to everybody are not open to guests, and an invitation is not for them.
    let public = json!({"name": "public", "display_name": "x", "type": "O", "allow_open_invite": true});
    let public = ann.post("/teams", public).await.is(201);
    assert_eq!(lists(gus.get("/teams").await.is(200)), std::slice::from_ref(&team));
    let entry = json!({"team_id": id(&public), "user_id": gus.id});
    gus.post(&format!("/teams/{}/members", id(&public)), entry).await.refused(403, FORBIDDEN);
    let invite = format!("/teams/members/invite?invite_id={}", text(&public, "invite_id"));
    gus.post(&invite, json!({})).await.refused(403, FORBIDDEN);
    assert_eq!(text(&gus.get(&format!("/teams/{team}")).await.is(200), "invite_id"), "");
    // What they are in a place follows from their account.
    let member = gus.get(&format!("/channels/{channel}/members/{}", gus.id)).await.is(200);
    assert_eq!((text(&member, "roles"), &member["scheme_guest"]), ("channel_guest".to_owned(), &json!(true)));
    let roles = format!("/channels/{channel}/members/{}/schemeRoles", gus.id);
    bob.put(&roles, json!({"scheme_user": true, "scheme_admin": true})).await.fails(400);
    assert_eq!(bob.get(&format!("/channels/{channel}/stats")).await.is(200)["guest_count"], 1);
    drop(server);
}

#[tokio::test]
async fn a_guest_hears_of_those_they_meet() {
    let House { server, ann, bob, cid, gus, team, channel, .. } = House::new().await;
    let (mut guest, mut member) = (gus.listens().await, cid.listens().await);
    let nick = |name: &str| json!({"nickname": name});
    cid.put("/users/me/patch", nick("stranger")).await.is(200);
    ann.put("/users/me/patch", nick("stranger")).await.is(200);
    server.sign_up("eve").await;
    let open = ann.makes_channel(&team, "open").await;
    ann.delete(&format!("/channels/{open}")).await.is(200);
    member.expect("channel_deleted").await;
    assert_eq!(guest.heard_by_now(&gus).await, Vec::<String>::new());
    bob.put("/users/me/patch", nick("friend")).await.is(200);
    let told = guest.expect("user_updated").await;
    assert_eq!(told["data"]["user"]["nickname"], "friend");
    member.expect_that("user_updated", |e| e["data"]["user"]["nickname"] == "friend").await;
    assert_eq!(guest.heard_by_now(&gus).await, Vec::<String>::new());
    // The team's changes reach everybody without its invitation, which is read by those who may invite.
    ann.put(&format!("/teams/{team}/patch"), json!({"display_name": "Home"})).await.is(200);
    let told = |event: Value| serde_json::from_str::<Value>(&text(&event["data"], "team")).unwrap();
    let (seen, whole) = (told(guest.expect("update_team").await), told(member.expect("update_team").await));
    assert_eq!((text(&seen, "display_name"), text(&seen, "invite_id")), ("Home".to_owned(), String::new()));
    assert_eq!(whole, seen);
    bob.delete(&format!("/channels/{channel}")).await.is(200);
    guest.expect("channel_deleted").await;
    ann.delete(&format!("/teams/{team}/members/{}", gus.id)).await.is(200);
    guest.expect("leave_team").await;
}

#[tokio::test]
async fn whoever_becomes_a_guest_sees_and_hears_less_at_once() {
    let House { server, ann, cid, dan, team, .. } = House::new().await;
    let town = ann.finds_channel(&team, "town-square").await;
    let open = ann.makes_channel(&team, "open").await;
    cid.get(&format!("/channels/{open}/posts")).await.is(200);
    let mut before = cid.listens().await;
    ann.post(&format!("/users/{}/demote", cid.id), json!({})).await.refused(403, FORBIDDEN);
    demote(&server, &cid).await;
    assert_eq!(before.closes().await, (1008, "session ended".into()));
    cid.get(&format!("/channels/{open}/posts")).await.refused(403, FORBIDDEN);
    cid.get(&format!("/users/{}", dan.id)).await.fails(404);
    server.admin.post(&format!("/users/{}/demote", cid.id), json!({})).await.fails(400);
    // They stay where they were, and hear that.
    let mut after = cid.listens().await;
    dan.put("/users/me/patch", json!({"nickname": "stranger"})).await.is(200);
    ann.posts(&town, "hello").await;
    after.expect("posted").await;
    assert_eq!(after.heard_by_now(&cid).await, Vec::<String>::new());
    let admin = server.admin.clone();
    admin.post(&format!("/users/{}/demote", admin.id), json!({})).await.fails(400);
    // And back.
    admin.post(&format!("/users/{}/promote", cid.id), json!({})).await.is(200);
    assert_eq!(after.closes().await, (1008, "session ended".into()));
    cid.get(&format!("/channels/{open}/posts")).await.is(200);
    cid.get(&format!("/users/{}", dan.id)).await.is(200);
    admin.post(&format!("/users/{}/promote", cid.id), json!({})).await.fails(400);
}

#[tokio::test]
async fn a_guest_who_becomes_a_user_is_in_the_first_channels() {
    let House { server, ann, gus, team, .. } = House::new().await;
    let town = ann.finds_channel(&team, "town-square").await;
    gus.tries_to_post(&town, "hello").await.fails(403);
    server.admin.post(&format!("/users/{}/promote", gus.id), json!({})).await.is(200);
    gus.posts(&town, "hello").await;
    assert_eq!(text(&gus.get("/users/me").await.is(200), "roles"), "system_user");
}

//! What somebody may no longer do they can no longer do: by REST and on open sockets, on this node at once, on another
//! within two seconds.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Person, Server, Socket, eventually, text};

/// How long another node may take to know.
const SOON: Duration = Duration::from_secs(2);

/// Waits until an answer to a request has this status.
async fn becomes(who: &Person, path: &str, status: u16) {
    eventually(path, SOON, || async { who.get(path).await.status == status }).await;
}

/// Waits until a socket is closed because its session is over.
async fn is_ended(mut socket: Socket) {
    let closed = tokio::time::timeout(SOON, socket.closes()).await.unwrap();
    assert_eq!(closed, (1008, "session ended".into()));
}

#[tokio::test]
async fn whoever_is_logged_out_elsewhere_is_out_on_every_node() {
    let first = Server::start().await;
    let second = first.second_node();
    let [ann, bob] = first.sign_up_all(["ann", "bob"]).await;
    let (here, there) = (ann.listens().await, ann.at(&second).listens().await);
    ann.at(&second).get("/users/me").await.is(200);
    let elsewhere = ann.logs_in_again().await;
    let sessions = elsewhere.get("/users/me/sessions").await.is(200);
    let oldest = sessions.as_array().unwrap().iter().min_by_key(|s| s["create_at"].as_i64()).unwrap();
    elsewhere.post("/users/me/sessions/revoke", json!({"session_id": oldest["id"]})).await.is(200);
    ann.get("/users/me").await.fails(401);
    is_ended(here).await;
    is_ended(there).await;
    becomes(&ann.at(&second), "/users/me", 401).await;
    elsewhere.at(&second).get("/users/me").await.is(200);
    // Deactivation ends them all, on a node where nothing of it was asked before too.
    let (here, there) = (bob.listens().await, bob.at(&second).listens().await);
    first.admin.put(&format!("/users/{}/active", bob.id), json!({"active": false})).await.is(200);
    bob.get("/users/me").await.fails(401);
    is_ended(here).await;
    is_ended(there).await;
    becomes(&bob.at(&second), "/users/me", 401).await;
}

#[tokio::test]
async fn whoever_is_removed_hears_and_says_nothing_more_on_any_node() {
    let first = Server::start().await;
    let second = first.second_node();
    let [ann, bob] = first.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    let town = ann.finds_channel(&team, "town-square").await;
    let secret = ann.makes_private_channel(&team, "secret").await;
    ann.brings_into_channel(&secret, &bob).await;
    let there = bob.at(&second);
    let (mut sockets, mut anns) =
        ([bob.listens().await, there.listens().await], ann.at(&second).listens().await);
    for (channel, leave, told) in [
        (&secret, format!("/channels/{secret}/members/{}", bob.id), "user_removed"),
        (&town, format!("/teams/{team}/members/{}", bob.id), "leave_team"),
    ] {
        there.get(&format!("/channels/{channel}/posts")).await.is(200);
        ann.delete(&leave).await.is(200);
        for bob in [&bob, &there] {
            bob.get(&format!("/channels/{channel}/posts")).await.fails(403);
            bob.tries_to_post(channel, "let me in").await.fails(403);
        }
        for socket in &mut sockets {
            tokio::time::timeout(SOON, socket.expect(told)).await.unwrap();
            if told == "leave_team" {
                // Said in Town Square before they left it: another topic than the team's, so it may come after.
                socket
                    .expect_that("posted", |e| text(&e["data"], "post").contains("removed from the team"))
                    .await;
            }
            socket.heard_by_now(&bob).await;
        }
        ann.posts(channel, "he is gone").await;
        anns.expect_that("posted", |e| text(&e["data"], "post").contains("he is gone")).await;
        for socket in &mut sockets {
            let reply = socket.request("user_typing", json!({"channel_id": channel})).await;
            assert_eq!(reply["error"]["status_code"], 403, "{reply}");
            assert_eq!(socket.heard_by_now(&bob).await, Vec::<String>::new());
        }
    }
}

#[tokio::test]
async fn whoever_is_demoted_is_no_administrator_on_any_node() {
    let first = Server::start().await;
    let second = first.second_node();
    let [ann, bob] = first.sign_up_all(["ann", "bob"]).await;
    let roles = format!("/users/{}/roles", bob.id);
    first.admin.put(&roles, json!({"roles": "system_user system_admin"})).await.is(200);
    let team = ann.makes_team("house").await;
    let secret = ann.makes_private_channel(&team, "secret").await;
    let (path, there) = (format!("/channels/{secret}/posts"), bob.at(&second));
    bob.get(&path).await.is(200);
    becomes(&there, &path, 200).await;
    let mut socket = there.listens().await;
    first.admin.put(&roles, json!({"roles": "system_user"})).await.is(200);
    bob.get(&path).await.fails(403);
    let told = tokio::time::timeout(SOON, socket.expect("user_role_updated")).await.unwrap();
    assert_eq!(text(&told["data"], "roles"), "system_user");
    becomes(&there, &path, 403).await;
    ann.posts(&secret, "among us").await;
    assert_eq!(socket.heard_by_now(&bob).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_socket_whose_session_ended_unheard_is_refused_and_closed() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let mut socket = ann.listens().await;
    // Without an event: as if it had been lost on its way.
    crate::support::cluster::sql(&server.database, "delete from sessions");
    let over = async {
        loop {
            let reply = socket.request("get_statuses", json!({})).await;
            if reply["status"] == "FAIL" {
                return reply;
            }
        }
    };
    let reply: Value = tokio::time::timeout(SOON, over).await.unwrap();
    assert_eq!(reply["error"]["status_code"], 401);
    is_ended(socket).await;
}

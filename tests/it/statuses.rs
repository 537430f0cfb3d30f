//! Statuses: seen, chosen, and custom ones.

use serde_json::json;

use crate::support::{DEADLINE, NOBODY, Person, Server, eventually, inner, text};

#[tokio::test]
async fn who_is_connected_is_online_until_the_last_socket_closes() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let status = async || text(&bob.get(&format!("/users/{}/status", ann.id)).await.is(200), "status");
    assert_eq!(status().await, "offline");
    let mut first = ann.listens().await;
    let second = ann.listens().await;
    let told = first.expect("status_change").await;
    assert_eq!(
        (text(&told["data"], "user_id"), text(&told["data"], "status")),
        (ann.id.clone(), "online".into())
    );
    assert_eq!(status().await, "online");
    drop(first);
    bob.makes_mark("time passes").await;
    assert_eq!(status().await, "online");
    drop(second);
    eventually("ann is offline", DEADLINE, || async { status().await == "offline" }).await;
}

#[tokio::test]
async fn whoever_does_something_is_not_away() {
    let server = Server::with(&[("LIMITS__AWAY_SECONDS", "1")]).await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let channel = ann.talks_to(&bob).await;
    let path = format!("/users/{}/status", ann.id);
    let status = async || text(&bob.get(&path).await.is(200), "status");
    let away = async || eventually("ann is away", DEADLINE, async || status().await == "away").await;
    let mut socket = ann.listens().await;
    socket.expect("status_change").await;
    for act in ["posts", "reads", "types"] {
        away().await;
        match act {
            "posts" => drop(ann.posts(&channel, "here I am").await),
            "reads" => {
                drop(ann.post("/channels/members/me/view", json!({"channel_id": channel})).await.is(200))
            }
            _ => drop(socket.request("user_typing", json!({"channel_id": channel})).await),
        }
        let told = socket.expect("status_change").await;
        assert_eq!(
            (text(&told["data"], "user_id"), text(&told["data"], "status")),
            (ann.id.clone(), "online".into()),
            "{act}"
        );
    }
    away().await;
    let post = json!({"channel_id": channel, "message": "sent by a clock"});
    ann.post("/posts?set_online=false", post).await.is(201);
    assert_eq!(status().await, "away");
}

#[tokio::test]
async fn a_chosen_status_holds_and_is_ones_own_to_choose() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let path = format!("/users/{}/status", ann.id);
    let dnd = json!({"user_id": ann.id, "status": "dnd"});
    bob.put(&path, dnd.clone()).await.refused(403, "api.context.permissions.app_error");
    for _ in 0..2 {
        let status = ann.put(&path, dnd.clone()).await.is(200);
        assert_eq!((text(&status, "status"), &status["manual"]), ("dnd".into(), &json!(true)));
    }
    let mut socket = ann.listens().await;
    assert_eq!(text(&socket.expect("status_change").await["data"], "status"), "dnd");
    assert_eq!(text(&bob.get(&path).await.is(200), "status"), "dnd");
    let bad = json!({"user_id": ann.id, "status": "sleeping"});
    ann.put(&path, bad).await.refused(400, "api.context.invalid_body_param.app_error");
    ann.put(&path, json!({"user_id": bob.id, "status": "away"})).await.fails(400);
    ann.put(&path, json!({"user_id": ann.id, "status": "online"})).await.is(200);
    assert_eq!(text(&socket.expect("status_change").await["data"], "status"), "online");
    let both = bob.post("/users/status/ids", json!([ann.id, bob.id])).await.is(200);
    let status_of =
        |id: &str| both.as_array().unwrap().iter().find(|s| s["user_id"] == id).unwrap()["status"].clone();
    assert_eq!((status_of(&ann.id), status_of(&bob.id)), (json!("online"), json!("offline")));
    bob.get(&format!("/users/{NOBODY}/status")).await.fails(404);
    bob.post("/users/status/ids", json!([])).await.fails(400);
}

#[tokio::test]
async fn a_custom_status_is_seen_by_teammates_and_cleared() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    let mut socket = bob.listens().await;
    let path = format!("/users/{}/status/custom", ann.id);
    let meeting = json!({"emoji": "calendar", "text": "in a meeting", "duration": "thirty_minutes", "expires_at": "2036-01-02T15:04:05Z"});
    bob.put(&path, meeting.clone()).await.fails(403);
    ann.put(&path, meeting).await.is(200);
    let told = socket.expect("user_updated").await;
    assert!(
        told["data"]["user"]["props"]["customStatus"].as_str().unwrap().contains("in a meeting"),
        "{told}"
    );
    let seen = bob.get(&format!("/users/{}", ann.id)).await.is(200);
    assert_eq!(seen["props"], told["data"]["user"]["props"]);
    assert_eq!(inner(&json!({"data": seen["props"]}), "customStatus")["emoji"], "calendar");
    ann.put(&path, json!({"emoji": "calendar", "text": "x".repeat(100_000)})).await.fails(400);
    ann.delete(&path).await.is(200);
    socket.expect("user_updated").await;
    let seen = bob.get(&format!("/users/{}", ann.id)).await.is(200);
    assert!(!seen.to_string().contains("in a meeting"), "{seen}");
}

#[tokio::test]
async fn statuses_are_told_over_the_socket_too() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let mut socket = ann.listens().await;
    let reply = socket.request("get_statuses_by_ids", json!({"user_ids": [ann.id, bob.id]})).await;
    assert_eq!(reply["data"][&ann.id], "online");
    assert_eq!(reply["data"][&bob.id], "offline");
    let reply = socket.request("get_statuses", json!({})).await;
    assert_eq!(reply["data"], json!({ &ann.id: "online" }));
    let reply = socket.request("get_statuses_by_ids", json!({"user_ids": "all"})).await;
    assert_eq!((&reply["status"], &reply["error"]["status_code"]), (&json!("FAIL"), &json!(400)));
}

#[tokio::test]
async fn after_a_time_undisturbed_everybody_is_what_they_were_before() {
    let mut server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let path = format!("/users/{}/status", ann.id);
    let choose = async |who: &Person, status: &str, seconds: i64| {
        let now =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
        let until = if seconds > 0 { now + seconds } else { 0 };
        let new = json!({"user_id": who.id, "status": status, "dnd_end_time": until});
        who.put(&format!("/users/{}/status", who.id), new).await.is(200)
    };
    let status = async |who: &Person| {
        let told = who.get(&path).await.is(200);
        (text(&told, "status"), told["manual"].clone())
    };
    let _socket = ann.listens().await;
    // Chosen twice, one after the other: what was before the first counts.
    choose(&ann, "offline", 0).await;
    choose(&ann, "dnd", 60).await;
    choose(&ann, "dnd", 6).await;
    assert_eq!(status(&bob).await, ("dnd".into(), json!(true)));
    let other = server.second_node();
    let there = bob.at(&other);
    eventually("ann is hidden again", 4 * DEADLINE, async || {
        status(&bob).await == ("offline".into(), json!(true))
    })
    .await;
    assert_eq!(status(&there).await, ("offline".into(), json!(true)));
    drop(other);
    // Also where it ends while no server runs.
    choose(&ann, "away", 0).await;
    choose(&ann, "dnd", 4).await;
    server.kill();
    server.restart();
    let bob = bob.at(&server);
    eventually("ann is away again", 4 * DEADLINE, async || {
        status(&bob).await == ("away".into(), json!(true))
    })
    .await;
    // Whoever chose nothing before is what is seen, and a choice without an end is forgotten by the next one.
    let ann = ann.at(&server);
    choose(&ann, "online", 0).await;
    let _socket = ann.listens().await;
    choose(&ann, "dnd", 4).await;
    eventually("ann is online again", 4 * DEADLINE, async || {
        status(&bob).await == ("online".into(), json!(false))
    })
    .await;
}

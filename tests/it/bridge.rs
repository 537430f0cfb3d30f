//! Several nodes and one Redis: events at once, presence everywhere, and a Redis that dies without anybody's knowing.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::redis::Redis;
use crate::support::{Person, Server, Socket, eventually, id, text};

/// Two nodes, a Redis between them, and people who share a team with a town square.
struct Scene {
    redis: Redis,
    first: Server,
    second: Server,
    people: Vec<Person>,
    channel: String,
}

impl Scene {
    async fn set(names: &[&str]) -> Self {
        let redis = Redis::start();
        let url = format!("redis://{}", redis.address);
        let first = Server::with(&[("REDIS__URL", &url)]).await;
        let second = first.second_node();
        let mut people = Vec::new();
        for name in names {
            people.push(first.sign_up(name).await);
        }
        let team = people[0].makes_team("house").await;
        for person in &people[1..] {
            people[0].brings_into_team(&team, person).await;
        }
        let channel = people[0].finds_channel(&team, "town-square").await;
        for node in [&first, &second] {
            eventually("the nodes know each other", Duration::from_secs(10), || async {
                node.said().contains("another node is there")
            })
            .await;
        }
        Self { redis, first, second, people, channel }
    }
}

/// Posts, and waits until the socket shows it: how long that took.
async fn shown(author: &Person, channel: &str, message: &str, socket: &mut Socket) -> Duration {
    let began = Instant::now();
    let post = id(&author.posts(channel, message).await);
    socket.expect_that("posted", |e| text(&e["data"], "post").contains(&post)).await;
    began.elapsed()
}

#[tokio::test]
async fn an_event_is_on_the_other_node_before_anybody_asks_the_log() {
    let scene = Scene::set(&["ann", "bob"]).await;
    let (ann, bob) = (&scene.people[0], &scene.people[1]);
    let mut socket = bob.at(&scene.second).listens().await;
    shown(ann, &scene.channel, "the first may have to be fetched", &mut socket).await;
    let mut took = Vec::new();
    for n in 0..9 {
        took.push(shown(ann, &scene.channel, &format!("number {n}"), &mut socket).await);
    }
    took.sort();
    // The log is asked every half second at most: most of nine would take longer.
    assert!(took[4] < Duration::from_millis(150), "{took:?}");
}

#[tokio::test]
async fn who_is_on_another_node_is_online_and_whoever_looks_is_told() {
    let scene = Scene::set(&["ann", "bob"]).await;
    let (ann, bob) = (&scene.people[0], &scene.people[1]);
    let mut looks = ann.listens().await;
    looks.request("presence", json!({"channel_id": scene.channel})).await;
    let of_bob = |status: &'static str| {
        let id = bob.id.clone();
        move |e: &serde_json::Value| e["data"]["user_id"] == id.as_str() && e["data"]["status"] == status
    };
    let socket = bob.at(&scene.second).listens().await;
    looks.expect_that("status_change", of_bob("online")).await;
    let status = text(&ann.get(&format!("/users/{}/status", bob.id)).await.is(200), "status");
    assert_eq!(status, "online");
    let dnd = json!({"user_id": bob.id, "status": "dnd"});
    bob.at(&scene.second).put(&format!("/users/{}/status", bob.id), dnd).await.is(200);
    looks.expect_that("status_change", of_bob("dnd")).await;
    let online = json!({"user_id": bob.id, "status": "online"});
    bob.put(&format!("/users/{}/status", bob.id), online).await.is(200);
    looks.expect_that("status_change", of_bob("online")).await;
    drop(socket);
    looks.expect_that("status_change", |e| e["data"]["user_id"] == bob.id.as_str()).await;
}

#[tokio::test]
async fn many_who_come_at_once_cost_a_looker_a_few_events() {
    let names: Vec<String> = (0..30).map(|n| format!("guest{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let scene = Scene::set(&names).await;
    let mut looks = scene.people[0].listens().await;
    looks.request("presence", json!({"channel_id": scene.channel})).await;
    let come = scene.people[1..].iter().map(|person| async {
        let node = if person.name.ends_with('7') { &scene.first } else { &scene.second };
        person.at(node).listens().await
    });
    let began = Instant::now();
    let sockets = futures_util::future::join_all(come).await;
    let at_once = began.elapsed() < Duration::from_secs(3);
    let (mut online, mut events) = (std::collections::BTreeSet::new(), 0);
    while online.len() < sockets.len() {
        let told = looks.expect_one(&["status_change", "statuses_change"], |_| true).await;
        match told["data"]["statuses"].as_object() {
            Some(several) => online.extend(several.keys().cloned()),
            None => drop(online.insert(text(&told["data"], "user_id"))),
        }
        online.remove(&scene.people[0].id);
        events += 1;
    }
    println!("{events} events for {} people", sockets.len());
    assert!(events <= if at_once { 15 } else { sockets.len() + 2 }, "{events}");
}

#[tokio::test]
async fn the_people_of_a_dead_node_go_offline() {
    let mut scene = Scene::set(&["ann", "bob"]).await;
    let (ann, bob) = (scene.people[0].clone(), scene.people[1].clone());
    let _socket = bob.at(&scene.second).listens().await;
    let status = || async { text(&ann.get(&format!("/users/{}/status", bob.id)).await.is(200), "status") };
    let second = Duration::from_secs(10);
    eventually("bob is online", second, || async { status().await == "online" }).await;
    scene.second.kill();
    let minute = Duration::from_secs(60);
    eventually("bob is offline", minute, || async { status().await == "offline" }).await;
}

#[tokio::test]
async fn without_redis_nothing_fails_and_everything_is_heard_within_a_second() {
    let mut scene = Scene::set(&["ann", "bob"]).await;
    scene.first.may_log_errors();
    let (ann, bob) = (scene.people[0].clone(), scene.people[1].clone());
    let mut socket = bob.at(&scene.second).listens().await;
    shown(&ann, &scene.channel, "before", &mut socket).await;
    scene.redis.kill();
    let mut slowest = Duration::ZERO;
    for n in 0..10 {
        slowest = slowest.max(shown(&ann, &scene.channel, &format!("without {n}"), &mut socket).await);
    }
    println!("slowest without Redis: {slowest:?}");
    assert!(slowest < Duration::from_millis(2500), "{slowest:?}");
    scene.redis.restart();
    let healed = || async { scene.second.said().contains("whole=true") };
    eventually("the bridge is whole again", Duration::from_secs(10), healed).await;
    let mut took = Vec::new();
    for n in 0..9 {
        took.push(shown(&ann, &scene.channel, &format!("after {n}"), &mut socket).await);
    }
    took.sort();
    assert!(took[4] < Duration::from_millis(150), "{took:?}");
}

#[tokio::test]
async fn a_logout_closes_sockets_on_every_node_at_once() {
    let scene = Scene::set(&["ann"]).await;
    let ann = &scene.people[0];
    let mut socket = ann.at(&scene.second).listens().await;
    // The room of a new connection may still be on its way to the bridge.
    ann.makes_mark("seen").await;
    socket.expect("preferences_changed").await;
    let began = Instant::now();
    ann.post("/users/logout", json!({})).await.is(200);
    socket.closes().await;
    assert!(began.elapsed() < Duration::from_millis(400), "{:?}", began.elapsed());
    let there = ann.at(&scene.second);
    let refused = || async { there.get("/users/me").await.status == 401 };
    eventually("the session is refused there too", Duration::from_millis(1500), refused).await;
}

#[tokio::test]
async fn a_node_that_stops_hands_its_connections_over() {
    let scene = Scene::set(&["ann", "bob"]).await;
    let (ann, bob) = (scene.people[0].at(&scene.second), &scene.people[1]);
    let mut socket = bob.listens().await;
    shown(&ann, &scene.channel, "before", &mut socket).await;
    scene.first.terminate();
    let meanwhile = id(&ann.posts(&scene.channel, "meanwhile").await);
    let goodbye = socket.closes().await;
    assert_eq!(goodbye.0, 1001, "{goodbye:?}");
    let (name, next) = socket.place();
    let mut socket = Socket::come_back(&scene.second.base, &bob.token, (&name, next)).await;
    let post = |e: &serde_json::Value| text(&e["data"], "post").contains(&meanwhile);
    socket.expect_that("posted", post).await;
    shown(&ann, &scene.channel, "after", &mut socket).await;
    assert_eq!(socket.heard_by_now(&bob.at(&scene.second)).await, Vec::<String>::new());
    assert_eq!(socket.place().0, name, "the same connection goes on");
}

#[tokio::test]
async fn a_connection_that_was_cut_goes_on_at_another_node() {
    let scene = Scene::set(&["ann", "bob"]).await;
    let (ann, bob) = (&scene.people[0], &scene.people[1]);
    let mut socket = bob.listens().await;
    for n in 0..5 {
        shown(ann, &scene.channel, &format!("number {n}"), &mut socket).await;
    }
    let (name, next) = socket.place();
    drop(socket);
    let node = &scene.first;
    let away =
        || async { !node.admin.get(&format!("/users/{}/status", bob.id)).await.json()["status"].is_null() };
    eventually("the server answers", Duration::from_secs(5), away).await;
    let missed = id(&ann.posts(&scene.channel, "missed").await);
    // Two events that were sent are asked for again.
    let come = |from: i64| Socket::come_back(&scene.second.base, &bob.token, (&name, from));
    let mut socket = come(next - 2).await;
    socket.expect_that("posted", |e| text(&e["data"], "post").contains("number 4")).await;
    socket.expect_that("posted", |e| text(&e["data"], "post").contains(&missed)).await;
    assert_eq!(socket.place().0, name);
}

//! What must live as long as the server: each part is killed in turn. Its death is logged, `/readyz` names it, it comes
//! back, and what is posted then is delivered.

use std::time::Duration;

use serde_json::{Value, json};

use crate::log::{hears_posts, square};
use crate::support::faults::Faults;
use crate::support::redis::Redis;
use crate::support::{Server, eventually, id};

/// How long a part may take to come back: it is struck for a moment, and the pauses grow with each death.
const BACK: Duration = Duration::from_secs(20);

fn names(answer: &Value, part: &str) -> bool {
    answer["down"].as_array().is_some_and(|down| down.iter().any(|name| name == part))
}

/// Waits until `/readyz` names the part, or until nothing is down any more.
async fn is_named(server: &Server, part: &str) {
    eventually(&format!("{part} is named"), Duration::from_secs(10), || async {
        let (status, answer) = server.health("/readyz").await;
        let error = answer["id"] == "api.context.server_busy.app_error" && answer["status"] == "unready";
        status == 503 && names(&answer, part) && answer["parts"][part] == "down" && error
    })
    .await;
}

async fn is_ready(server: &Server) {
    eventually("everything is up again", BACK, || async { server.health("/readyz").await.0 == 200 }).await;
}

#[tokio::test]
async fn every_part_that_dies_is_named_comes_back_and_posts_are_delivered() {
    let (faults, redis) = (Faults::none(), Redis::start());
    let url = format!("redis://{}", redis.address);
    let mut server = Server::with(&[faults.setting(), ("REDIS__URL", &url)]).await;
    server.may_log_errors();
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let channel = square(&[ann.clone(), bob.clone()]).await;
    let mut socket = bob.listens().await;
    is_ready(&server).await;
    let (_, answer) = server.health("/readyz").await;
    let parts: Vec<String> = answer["parts"].as_object().unwrap().keys().cloned().collect();
    for known in ["hub", "rooms", "writer", "subscriber", "tasks", "presence", "bridge_publisher"] {
        assert!(parts.iter().any(|part| part == known), "{known} is not among {parts:?}");
    }
    assert_eq!((&answer["status"], &answer["down"]), (&json!("ready"), &json!([])));
    // The hub and its rooms end the process; the others are no parts of ours.
    let apart = ["database", "redis", "hub", "rooms"];
    for (n, part) in parts.iter().filter(|part| !apart.contains(&part.as_str())).enumerate() {
        faults.strike(part, if n % 2 == 0 { "panic" } else { "return" });
        is_named(&server, part).await;
        let (status, alive) = server.health("/livez").await;
        assert_eq!(
            (status, names(&alive, "writer")),
            if part == "writer" { (503, true) } else { (200, false) }
        );
        let posting = async {
            // The writer is away: what is posted waits for it.
            let during = ann.posts(&channel, &format!("without {part}")).await;
            [during, ann.posts(&channel, &format!("with {part}")).await].map(|post| id(&post))
        };
        let healing = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            faults.end(part);
            is_ready(&server).await;
        };
        let (posted, ()) = tokio::join!(posting, healing);
        let heard: Vec<String> = hears_posts(&mut socket, 2).await.into_iter().map(|heard| heard.0).collect();
        assert_eq!(heard, posted, "{part}");
        let said = server.said();
        let line =
            said.lines().find(|line| line.contains("a part of the server died") && line.contains(part));
        assert!(line.is_some(), "the death of {part} is not in the log: {said}");
        assert_eq!(server.health("/livez").await.0, 200);
    }
    assert_eq!(socket.heard_by_now(&bob).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_redis_that_is_away_is_named_and_makes_nobody_unready() {
    let mut redis = Redis::start();
    let url = format!("redis://{}", redis.address);
    let server = Server::with(&[("REDIS__URL", &url)]).await;
    let degraded = |wanted: Value| {
        let server = &server;
        move || {
            let wanted = wanted.clone();
            async move {
                let (status, answer) = server.health("/readyz").await;
                status == 200 && answer["degraded"] == wanted
            }
        }
    };
    eventually("the bridge is whole", BACK, degraded(json!([]))).await;
    redis.kill();
    eventually("its death is named", BACK, degraded(json!(["redis"]))).await;
    redis.restart();
    eventually("it is back", BACK, degraded(json!([]))).await;
}

#[tokio::test]
async fn the_death_of_the_hub_ends_the_process() {
    for fault in ["panic", "return"] {
        let faults = Faults::none();
        let mut server = Server::with(&[faults.setting()]).await;
        server.may_log_errors();
        let mut socket = server.admin.listens().await;
        faults.strike("hub", fault);
        let status = server.ended(Duration::from_secs(15)).await;
        assert_eq!(status.code(), Some(1), "{}", server.said());
        assert!(server.said().contains("which ends the process"), "{}", server.said());
        socket.closes().await;
        faults.end("hub");
        // Nothing that was acknowledged is lost with it.
        server.restart();
        server.admin.get("/users/me").await.is(200);
    }
}

#[tokio::test]
async fn a_hub_that_is_stuck_is_no_longer_alive_and_ends_the_process() {
    let faults = Faults::none();
    let mut server = Server::with(&[faults.setting()]).await;
    server.may_log_errors();
    faults.strike("hub", "hang");
    eventually("/livez names the hub", Duration::from_secs(25), || async {
        let (status, answer) = server.health("/livez").await;
        status == 503 && names(&answer, "hub")
    })
    .await;
    let status = server.ended(Duration::from_secs(20)).await;
    assert_eq!(status.code(), Some(1), "{}", server.said());
}

//! The database goes away and comes back: requests are told to come again, and do.

use std::cell::Cell;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use crate::support::cluster::{Cluster, sql};
use crate::support::{Server, eventually, id, inner};

#[tokio::test]
async fn while_the_database_is_away_requests_are_told_to_come_again() {
    let mut cluster = Cluster::start();
    let mut server = Server::on(&cluster, &[]).await;
    server.may_log_errors();
    let ann = server.sign_up("ann").await;
    let team = ann.makes_team("house").await;
    let town = ann.finds_channel(&team, "town-square").await;
    let before = ann.posts(&town, "before").await;
    let mut socket = ann.listens().await;
    cluster.stop();
    for _ in 0..6 {
        let began = Instant::now();
        for answer in
            [ann.get(&format!("/channels/{town}/posts")).await, ann.tries_to_post(&town, "during").await]
        {
            assert!(!answer.header("retry-after").is_empty(), "{answer:?}");
            answer.refused(503, "api.context.server_busy.app_error");
        }
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }
    // A session that is not remembered any more.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(socket.request("ping", json!({})).await["data"]["text"], "pong");
    assert_eq!(socket.request("get_statuses", json!({})).await["error"]["status_code"], 503);
    cluster.launch();
    let body = json!({"channel_id": town, "message": "after", "pending_post_id": "after"});
    let posted = || async { ann.post("/posts", body.clone()).await.status == 201 };
    eventually("the first post", Duration::from_secs(1), posted).await;
    let after = ann.post("/posts", body).await.is(201);
    let heard = socket.expect_that("posted", |e| e["data"]["post"].as_str().unwrap().contains("after")).await;
    assert_eq!(id(&inner(&heard, "post")), id(&after), "the socket outlived it");
    let listed = ann.reads_channel(&town).await;
    assert_eq!(listed["order"][0], id(&after).as_str());
    assert_eq!(listed["order"][1], id(&before).as_str(), "what was refused was not kept");
    let open = "select count(*) from pg_stat_activity where datname = current_database()
                and backend_type = 'client backend' and pid <> pg_backend_pid()";
    assert!(sql(&server.database, open).parse::<u32>().unwrap() <= 4, "no connection is left over");
    drop(server);
    cluster.stop();
}

#[tokio::test]
async fn a_database_that_dies_under_load_costs_nothing_that_was_acknowledged() {
    const EACH: usize = 40;
    let cluster = Cluster::start();
    let mut server = Server::on(&cluster, &[]).await;
    server.may_log_errors();
    let people = server.sign_up_all(["ann", "bob", "cid"]).await;
    let team = people[0].makes_team("house").await;
    for person in &people[1..] {
        people[0].brings_into_team(&team, person).await;
    }
    let town = people[0].finds_channel(&team, "town-square").await;
    let mut socket = people[0].listens().await;
    let (acknowledged, refused) = (Cell::new(0), Cell::new(0));
    let write = people.iter().map(|person| async {
        for n in 0..EACH {
            let name = format!("{} {n}", person.name);
            let body = json!({"channel_id": town, "message": name, "pending_post_id": name});
            loop {
                let answer = person.post("/posts", body.clone()).await;
                if answer.status == 201 {
                    break acknowledged.set(acknowledged.get() + 1);
                }
                refused.set(refused.get() + 1);
                answer.refused(503, "api.context.server_busy.app_error");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    });
    let crash = async {
        while acknowledged.get() < EACH {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        cluster.crash();
    };
    tokio::join!(join_all(write), crash);
    assert!(refused.get() > 0, "somebody noticed");
    let mut heard = Vec::new();
    while heard.len() < people.len() * EACH {
        let post = inner(&socket.expect("posted").await, "post");
        heard.push(id(&post));
    }
    let listed = people[0].get(&format!("/channels/{town}/posts?per_page=200")).await.is(200);
    let kept = listed["order"].as_array().unwrap().iter().rev().map(|id| id.as_str().unwrap());
    let kept: Vec<&str> = kept.filter(|id| listed["posts"][id]["type"] == "").collect();
    assert_eq!(heard, kept, "everything once and in order");
}

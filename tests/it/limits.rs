//! Limits: who asks too often or makes too much is told so, and nobody else is.

use std::time::Duration;

use futures_util::future::{join, join_all};
use reqwest::Method;
use serde_json::json;

use crate::support::cluster::sql;
use crate::support::held::Held;
use crate::support::person::Answer;
use crate::support::redis::Redis;
use crate::support::socket::{handshake, refusal};
use crate::support::{DEADLINE, Person, Server, eventually, visitor};

#[tokio::test]
async fn whoever_asks_too_often_waits_and_the_others_do_not() {
    let limits = [("LIMITS__ENABLED", "true"), ("LIMITS__REQUESTS_PER_SECOND", "1"), ("LIMITS__BURST", "20")];
    let server = Server::with(&limits).await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let mut refused = None;
    for _ in 0..25 {
        let answer = ann.get("/users/me").await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("25 requests at once are too many");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=3).contains(&wait), "{wait}");
    assert_eq!(refused.header("x-ratelimit-limit"), "20");
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    assert!(refused.header("x-ratelimit-reset").parse::<u64>().unwrap() >= 1);
    refused.fails(429);
    bob.get("/users/me").await.is(200);
    let again = || async { ann.get("/users/me").await.status == 200 };
    tokio::time::sleep(Duration::from_secs(wait)).await;
    eventually("ann may ask again", Duration::from_secs(2), again).await;
}

#[tokio::test]
async fn whoever_asks_for_much_at_once_leaves_connections_to_others() {
    let limits = [("DATABASE__CONNECTIONS", "8"), ("LIMITS__ENABLED", "true")];
    let server = Server::with(&limits).await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    let channel = ann.makes_channel(&team, "chat").await;
    let path = format!("/channels/{channel}/posts");
    // As long as this takes, each of them holds a connection.
    let held = Held::by(&server.database, "lock table posts in access exclusive mode");
    let many = join_all((0..40).map(|_| ann.get(&path)));
    let others = async {
        let waiting = "select count(*) >= 4 from pg_stat_activity where wait_event = 'relation'";
        let is_full = || async { sql(&server.database, waiting) == "t" };
        eventually("many questions wait for the table", DEADLINE, is_full).await;
        for _ in 0..3 {
            bob.get("/users/me/teams").await.is(200);
        }
        held.release();
    };
    let (answers, ()) = join(many, others).await;
    for answer in answers {
        answer.is(200);
    }
}

#[tokio::test]
async fn guessed_tokens_are_no_way_round_the_limit() {
    let limits = [("LIMITS__ENABLED", "true"), ("LIMITS__REQUESTS_PER_SECOND", "1"), ("LIMITS__BURST", "20")];
    let server = Server::with(&limits).await;
    let mut statuses = Vec::new();
    for n in 0..40 {
        let guess = visitor(&server.base).request(Method::GET, "/users/me").bearer_auth(format!("guess-{n}"));
        statuses.push(Answer::of(guess).await.status);
    }
    assert_eq!(statuses[0], 401);
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[tokio::test]
async fn an_account_is_limited_as_one_in_all_its_sessions() {
    let limits = [("LIMITS__ENABLED", "true"), ("LIMITS__REQUESTS_PER_SECOND", "1"), ("LIMITS__BURST", "20")];
    let server = Server::with(&limits).await;
    let ann = server.sign_up("ann").await;
    let elsewhere = ann.logs_in_again().await;
    let first = ann.get("/users/me").await;
    assert_eq!(
        (first.header("x-ratelimit-limit"), first.header("x-ratelimit-remaining")),
        ("20".into(), "19".into())
    );
    let mut statuses = Vec::new();
    for n in 0..30 {
        let who = if n % 2 == 0 { &ann } else { &elsewhere };
        statuses.push(who.get("/users/me").await.status);
    }
    assert!(statuses.iter().filter(|s| **s == 200).count() <= 25, "{statuses:?}");
    assert!(statuses.ends_with(&[429, 429]), "{statuses:?}");
}

#[tokio::test]
async fn nodes_count_together_and_alone_while_redis_is_away() {
    let mut redis = Redis::start();
    let url = format!("redis://{}", redis.address);
    let limits = [
        ("LIMITS__ENABLED", "true"),
        ("LIMITS__REQUESTS_PER_SECOND", "1"),
        ("LIMITS__BURST", "30"),
        ("REDIS__URL", url.as_str()),
    ];
    let mut first = Server::with(&limits).await;
    let mut second = first.second_node();
    // Redis is taken away later.
    first.may_log_errors();
    second.may_log_errors();
    let [ann, bob] = first.sign_up_all(["ann", "bob"]).await;
    let remaining = |who: &Person, node: &Server| {
        let who = who.at(node);
        async move { who.get("/users/me").await.header("x-ratelimit-remaining").parse::<u32>().unwrap_or(0) }
    };
    for _ in 0..20 {
        ann.get("/users/me").await.is(200);
    }
    // Each question takes one itself.
    let shared = || async { remaining(&ann, &second).await <= 14 };
    eventually("the other node knows what was taken", Duration::from_secs(3), shared).await;
    redis.kill();
    let elsewhere = bob.at(&second);
    let mut statuses = Vec::new();
    for _ in 0..40 {
        statuses.push(elsewhere.get("/users/me").await.status);
    }
    assert!(statuses.starts_with(&[200; 20]) && statuses.ends_with(&[429]), "{statuses:?}");
}

#[tokio::test]
async fn teams_and_channels_are_bounded() {
    let limits = [
        ("LIMITS__TEAMS_PER_USER", "2"),
        ("LIMITS__CHANNELS_PER_TEAM", "4"),
        ("LIMITS__USERS_PER_TEAM", "2"),
    ];
    let server = Server::with(&limits).await;
    let [ann, bob, cid] = server.sign_up_all(["ann", "bob", "cid"]).await;
    let team = ann.makes_team("one").await;
    ann.makes_team("two").await;
    ann.post("/teams", json!({"name": "three", "display_name": "three", "type": "O"})).await.fails(400);
    assert_eq!(ann.get("/users/me/teams").await.is(200).as_array().unwrap().len(), 2);
    ann.brings_into_team(&team, &bob).await;
    let full = ann.post(&format!("/teams/{team}/members"), json!({"team_id": team, "user_id": cid.id})).await;
    full.refused(400, "app.team.join_user_to_team.max_accounts.app_error");
    ann.makes_channel(&team, "third").await;
    ann.makes_channel(&team, "fourth").await;
    let fifth = json!({"team_id": team, "name": "fifth", "display_name": "fifth", "type": "O"});
    ann.post("/channels", fifth).await.fails(400);
    assert_eq!(
        ann.get(&format!("/users/me/teams/{team}/channels")).await.is(200).as_array().unwrap().len(),
        4
    );
}

#[tokio::test]
async fn one_account_has_only_so_many_sockets() {
    let server = Server::with(&[("LIMITS__SOCKETS_PER_USER", "2")]).await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let (first, mut second) = (ann.listens().await, ann.listens().await);
    let bearer = format!("Bearer {}", ann.token);
    let request = || handshake(&server.base, &[("authorization", &bearer)]);
    assert_eq!(refusal(request()).await, 429);
    bob.listens().await;
    assert_eq!(second.heard_by_now(&ann).await, Vec::<String>::new());
    drop(first);
    let room = || async { tokio_tungstenite::connect_async(request()).await.is_ok() };
    eventually("there is room again", Duration::from_secs(5), room).await;
}

//! Nodes that are stopped and links to PostgreSQL that fall silent: the others go on, requests end, nothing is doubled.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::cluster::{Cluster, sql};
use crate::support::held::Held;
use crate::support::person::Answer;
use crate::support::proxy::{Link, Proxy, Target};
use crate::support::{DEADLINE, Person, Server, each, eventually, id};

/// Statements that wait for a lock, and transactions that wait for their client.
const WAITING: &str = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'
                       and datname = current_database()";
const IDLE: &str = "select count(*) from pg_stat_activity where state like 'idle in transaction%'
                    and datname = current_database()";

/// A node whose link to PostgreSQL the test holds. Its statements have a second, and so three on its own side.
async fn behind_a_proxy() -> (Server, Proxy) {
    let cluster = Cluster::shared();
    let database = cluster.copy();
    let proxy = Proxy::to(Target::Unix(cluster.socket())).await;
    let (_, name) = database.split_once("@/").unwrap();
    let url = format!("postgres://rustchat@{}/{}", proxy.address, name.split_once('?').unwrap().0);
    let settings = [("DATABASE__URL", url), ("DATABASE__STATEMENT_SECONDS", "1".to_owned())];
    let settings = settings.map(|(key, value)| (key.to_owned(), value)).to_vec();
    let mut server = Server::launch(database, settings, Arc::new(TempDir::new().unwrap()));
    server.may_log_errors();
    (server, proxy)
}

async fn town_of(who: &Person) -> String {
    let team = who.makes_team("house").await;
    who.finds_channel(&team, "town-square").await
}

fn named_post(who: &Person, channel: &str, name: &str) -> Value {
    json!({"channel_id": channel, "message": name, "pending_post_id": format!("{}:{name}", who.id)})
}

/// What people said in a channel.
async fn said(who: &Person, channel: &str) -> Vec<String> {
    let list = who.reads_channel(channel).await;
    let posts: Vec<Value> = list["posts"].as_object().unwrap().values().cloned().collect();
    let posts = posts.into_iter().filter(|post| post["type"] == "").collect();
    each(&Value::Array(posts), "message")
}

#[tokio::test]
async fn a_node_that_is_stopped_with_a_channels_lock_keeps_nobody_from_writing() {
    let mut first = Server::with(&[("DATABASE__IDLE_TRANSACTION_SECONDS", "2")]).await;
    let second = first.second_node();
    first.may_log_errors();
    let ann = first.sign_up("ann").await;
    let town = town_of(&ann).await;
    let body = named_post(&ann, &town, "from the stopped one");
    // Its transaction has the channel's lock and waits for the log.
    let held = Held::by(&first.database, "lock table topics in share mode");
    let unanswered = tokio::spawn({
        let (ann, body) = (ann.clone(), body.clone());
        async move { ann.post("/posts", body).await }
    });
    eventually("the post waits", DEADLINE, || async { sql(&first.database, WAITING) != "0" }).await;
    first.signal("STOP");
    held.release();
    let began = Instant::now();
    let there = ann.at(&second);
    let other = id(&there.posts(&town, "from the other one").await);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let again = id(&there.post("/posts", body.clone()).await.is(201));
    first.signal("CONT");
    let answer: Answer = unanswered.await.unwrap();
    answer.refused(503, "api.context.server_busy.app_error");
    assert_eq!(id(&ann.post("/posts", body).await.is(201)), again, "sent again to the one that was stopped");
    assert_eq!(each(&json!([ann.reads(&json!({"id": other})).await]), "id"), [other]);
    let mut all = said(&there, &town).await;
    all.sort();
    assert_eq!(all, ["from the other one", "from the stopped one"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_falls_silent_ends_as_come_again_and_is_not_used_again() {
    let (server, proxy) = behind_a_proxy().await;
    let ann = server.sign_up("ann").await;
    let town = town_of(&ann).await;
    let mut socket = ann.listens().await;
    proxy.becomes(Link::Stalled);
    for _ in 0..2 {
        let began = Instant::now();
        let asked = [ann.tries_to_post(&town, "lost").await, ann.get("/users/me/teams").await];
        for answer in asked {
            assert!(!answer.header("retry-after").is_empty(), "{answer:?}");
            answer.refused(503, "api.context.server_busy.app_error");
        }
        assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    }
    assert_eq!(socket.request("ping", json!({})).await["data"]["text"], "pong", "the socket outlives it");
    proxy.becomes(Link::Whole);
    let began = Instant::now();
    let body = named_post(&ann, &town, "found");
    let posted = || async { ann.post("/posts", body.clone()).await.status == 201 };
    eventually("the first post", Duration::from_secs(1), posted).await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    socket.expect_that("posted", |e| e.to_string().contains("found")).await;
    let open =
        "select count(*) from pg_stat_activity where datname = current_database() and usename = 'rustchat'
                and backend_type = 'client backend' and pid <> pg_backend_pid()";
    let few = || async { sql(&server.database, open).parse::<u32>().unwrap() <= 4 };
    eventually("no connection is left over", Duration::from_secs(8), few).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_post_whose_answer_was_lost_is_sent_again_and_is_one_post() {
    const PEOPLE: usize = 4;
    const EACH: usize = 25;
    let (server, proxy) = behind_a_proxy().await;
    let ann = server.sign_up("ann").await;
    let town = town_of(&ann).await;
    let write = |person: usize| {
        let (ann, town) = (&ann, &town);
        async move {
            for n in 0..EACH {
                let body = named_post(ann, town, &format!("{person} says {n}"));
                while ann.post("/posts", body.clone()).await.status != 201 {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    };
    let written = || async { said(&ann, &town).await.len() };
    let break_it = async {
        for link in [Link::Cut, Link::Stalled, Link::Cut] {
            let before = written().await;
            eventually("posts go on", DEADLINE, || async { written().await > before + 3 }).await;
            proxy.becomes(link);
            // Long enough for statements to be given up.
            tokio::time::sleep(Duration::from_millis(3500)).await;
            proxy.becomes(Link::Whole);
            let back = || async { ann.get("/users/me/teams").await.status == 200 };
            eventually("it answers again", DEADLINE, back).await;
        }
    };
    tokio::join!(join_all((0..PEOPLE).map(write)), break_it);
    let said = said(&ann, &town).await;
    assert_eq!(said.len(), PEOPLE * EACH);
    assert_eq!(said.iter().collect::<BTreeSet<_>>().len(), PEOPLE * EACH);
}

#[tokio::test]
async fn a_request_that_is_given_up_in_a_transaction_leaves_nothing_open() {
    let mut server = Server::with(&[("DATABASE__IDLE_TRANSACTION_SECONDS", "600")]).await;
    server.may_log_errors();
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let town = town_of(&bob).await;
    let held = Held::by(&server.database, "lock table statuses in exclusive mode");
    let mut sockets = [ann.listens().await, ann.listens().await];
    let chosen = json!({"user_is_active": false, "manual": true});
    for socket in &mut sockets {
        let request = json!({"seq": 1, "action": "user_update_active_status", "data": chosen});
        socket.says(&request.to_string()).await;
    }
    eventually("both are in the middle", DEADLINE, || async { sql(&server.database, WAITING) == "2" }).await;
    // A socket that ends takes the requests with it that were made on it.
    drop(sockets);
    let status = async || bob.get(&format!("/users/{}/status", ann.id)).await.is(200)["status"].clone();
    eventually("both sockets are gone", DEADLINE, || async { status().await == "offline" }).await;
    held.release();
    eventually("nothing waits", DEADLINE, || async { sql(&server.database, WAITING) == "0" }).await;
    eventually("nothing is open", DEADLINE, || async { sql(&server.database, IDLE) == "0" }).await;
    let began = Instant::now();
    for _ in 0..8 {
        bob.posts(&town, "as if nothing had been").await;
    }
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(sql(&server.database, "select count(*) from statuses"), "0", "what was given up is undone");
}

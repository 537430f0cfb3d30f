//! Periodic work: on one node at a time, and on another when that one dies.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::support::cluster::sql;
use crate::support::held::Held;
use crate::support::{DEADLINE, Person, Server, eventually, text};

/// How long a node may take to see that a job is due, and do it.
const SOON: Duration = Duration::from_secs(8);

/// Jobs of this name are due now.
fn is_due(server: &Server, job: &str) {
    let due = "update tasks set not_before = 0, leased_until = 0 where unique_key = '' and kind like";
    sql(&server.database, &format!("{due} '{job}'"));
}

/// How often these nodes have done a job.
fn turns(nodes: &[&Server], job: &str) -> usize {
    let said = nodes.iter().map(|node| node.said()).collect::<Vec<_>>().join("\n");
    said.lines().filter(|line| line.contains("a task was done") && line.contains(job)).count()
}

/// Waits until a job was done so often.
async fn has_turned(nodes: &[&Server], job: &str, times: usize) {
    eventually(job, SOON, || async { turns(nodes, job) >= times }).await;
}

/// A custom status whose time has been over for long.
async fn shows_what_is_over(who: &Person, words: &str) {
    let custom = json!({"text": words, "duration": "date_and_time", "expires_at": "2020-01-02T15:04:05Z"});
    who.put("/users/me/status/custom", custom).await.is(200);
}

#[tokio::test]
async fn a_job_that_is_due_is_done_once_however_many_nodes_there_are() {
    let first = Server::start().await;
    let second = first.second_node();
    let nodes = [&first, &second];
    has_turned(&nodes, "partitions", 1).await;
    for round in 2..5 {
        is_due(&first, "partitions");
        has_turned(&nodes, "partitions", round).await;
    }
    // Both nodes have looked again when another job has been done three times more.
    for round in 1..4 {
        let before = turns(&nodes, "sessions");
        is_due(&first, "sessions");
        has_turned(&nodes, "sessions", before + 1).await;
        assert_eq!(turns(&nodes, "partitions"), 4, "round {round}");
    }
}

#[tokio::test]
async fn when_a_node_dies_in_the_middle_of_a_job_another_does_it() {
    let mut first = Server::start().await;
    let ann = first.sign_up("ann").await;
    has_turned(&[&first], "custom_statuses", 1).await;
    let held = Held::by(&first.database, "lock table users in exclusive mode");
    is_due(&first, "custom_statuses");
    let waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'
                 and datname = current_database() and query like '%customStatus%'";
    eventually("the job waits", SOON, || async { sql(&first.database, waits) == "1" }).await;
    let second = first.second_node();
    first.kill();
    held.release();
    let ann = ann.at(&second);
    let mut socket = ann.listens().await;
    shows_what_is_over(&ann, "gone fishing").await;
    socket.expect_that("user_updated", |e| e.to_string().contains("gone fishing")).await;
    is_due(&second, "custom_statuses");
    let cleared = socket.expect_that("user_updated", |e| !e.to_string().contains("gone fishing")).await;
    assert_eq!(text(&cleared["data"]["user"]["props"], "customStatus"), "");
    // What it changed may be heard before it says so.
    has_turned(&[&second], "custom_statuses", 1).await;
    assert_eq!(turns(&[&first], "custom_statuses"), 1, "the dead node did not finish it");
}

#[tokio::test]
async fn a_job_that_fails_stops_no_other_and_is_tried_again() {
    let mut server = Server::start().await;
    server.may_log_errors();
    let ann = server.sign_up("ann").await;
    has_turned(&[&server], "do_not_disturb", 1).await;
    sql(&server.database, "alter table statuses rename to lost");
    shows_what_is_over(&ann, "gone fishing").await;
    is_due(&server, "%");
    let failed = || async { server.said().contains("a task failed and is tried again later") };
    eventually("the job fails", SOON, failed).await;
    let cleared = || async { text(&ann.get("/users/me").await.is(200)["props"], "customStatus").is_empty() };
    eventually("the others are done", SOON, cleared).await;
    let later = "select not_before > now_ms() + 30000 from tasks where kind = 'do_not_disturb'";
    let is_later = || async { sql(&server.database, later) == "t" };
    eventually("not tried at once: it would only fail again", DEADLINE, is_later).await;
    sql(&server.database, "alter table lost rename to statuses");
    let before = turns(&[&server], "do_not_disturb");
    is_due(&server, "do_not_disturb");
    has_turned(&[&server], "do_not_disturb", before + 1).await;
}

#[tokio::test]
async fn statuses_whose_time_is_over_are_cleared_and_told() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    let (mut anns, mut bobs) = (ann.listens().await, bob.listens().await);
    // What a client wrote that makes no sense harms neither the account nor the others.
    for junk in ["junk", "{\"expires_at\":\"2020-99-99T99:99:99Z\"}", "{\"expires_at\":7}", "[]", "\"x\""] {
        bob.put("/users/me/patch", json!({"props": {"customStatus": junk}})).await.is(200);
    }
    shows_what_is_over(&ann, "at lunch").await;
    bobs.expect_that("user_updated", |e| e.to_string().contains("at lunch")).await;
    is_due(&server, "custom_statuses");
    let told = bobs.expect_that("user_updated", |e| e["data"]["user"]["id"] == ann.id.as_str()).await;
    assert_eq!(told["data"]["user"]["props"]["customStatus"], "");
    let seen = bob.get(&format!("/users/{}", ann.id)).await.is(200);
    assert_eq!(seen["props"], told["data"]["user"]["props"]);
    let forever = json!({"text": "here to stay", "expires_at": ""});
    ann.put("/users/me/status/custom", forever).await.is(200);
    bobs.expect_that("user_updated", |e| e.to_string().contains("here to stay")).await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let dnd = json!({"user_id": ann.id, "status": "dnd", "dnd_end_time": now + 2});
    ann.put(&format!("/users/{}/status", ann.id), dnd).await.is(200);
    anns.expect_that("status_change", |e| e["data"]["status"] == "dnd").await;
    let over = || async {
        is_due(&server, "%");
        sql(&server.database, "select status from statuses where not manual and dnd_end_time = 0") == "online"
    };
    eventually("do not disturb is over", SOON, over).await;
    anns.expect_that("status_change", |e| e["data"]["status"] == "online").await;
    let seen = bob.get(&format!("/users/{}", ann.id)).await.is(200);
    assert!(text(&seen["props"], "customStatus").contains("here to stay"), "{seen}");
}

#[tokio::test]
async fn a_session_whose_time_is_over_is_gone_and_its_socket_closed() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let elsewhere = ann.logs_in_again().await;
    let (mut here, mut there) = (ann.listens().await, elsewhere.listens().await);
    let newest = "select id from sessions order by create_at desc limit 1";
    sql(&server.database, &format!("update sessions set expires_at = 1 where id = ({newest})"));
    is_due(&server, "sessions");
    assert_eq!(there.closes().await.1, "session ended");
    let refused = || async { elsewhere.get("/users/me").await.status == 401 };
    eventually("the session is over", DEADLINE, refused).await;
    assert_eq!(sql(&server.database, "select count(*) from sessions where expires_at = 1"), "0");
    assert_eq!(here.heard_by_now(&ann).await, Vec::<String>::new());
}

#[tokio::test]
async fn of_pictures_of_other_sites_the_newest_are_kept() {
    let server = Server::start().await;
    let kept = "insert into proxied (org_id, hash, object_id, mime, expires_at)
        select o.id, int4send(n), gen_random_uuid(), 'image/png', now_ms() + n * 1000
        from orgs o, generate_series(1, 10003) n";
    sql(&server.database, kept);
    is_due(&server, "%proxied%");
    let left = "select count(*), min(expires_at) > now_ms() + 2000 from proxied";
    eventually("three are forgotten", SOON, || async { sql(&server.database, left) == "10000|t" }).await;
}

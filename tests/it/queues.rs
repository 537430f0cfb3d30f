//! Every queue has a bound. The table says which test fills each of them, by number and by bytes; the stories here fill
//! those that need a whole server.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::log::{hears_posts, square};
use crate::support::cluster::sql;
use crate::support::faults::Faults;
use crate::support::{PASSWORD, Server, eventually, id};

/// A queue, as docs/OPERATING.md names it in "Bounds"; and the test that fills it, with its file.
const QUEUES: &[(&str, &str, &str)] = &[
    (
        "posts that wait for the writer",
        "src/services/channels/post_queue.rs",
        "what_waits_is_bounded_in_number_and_in_bytes_and_the_rest_is_told_to_come_again",
    ),
    (
        "messages that wait for the hub",
        "tests/it/queues.rs",
        "while_the_hub_is_busy_posts_are_taken_and_all_of_them_follow",
    ),
    (
        "the queue within a node",
        "src/services/realtime/memory.rs",
        "what_waits_is_bounded_in_bytes_and_what_does_not_fit_is_said_to_be_lost",
    ),
    (
        "to other nodes",
        "src/services/realtime/redis/link.rs",
        "what_waits_to_be_sent_is_bounded_and_said_to_be_lost",
    ),
    (
        "from them",
        "src/services/realtime/redis/mod.rs",
        "what_waits_to_be_taken_is_bounded_and_said_to_be_lost",
    ),
    (
        "events that wait for a socket",
        "src/actors/connection.rs",
        "what_waits_for_a_connection_is_bounded_in_bytes",
    ),
    (
        "events that wait for a socket",
        "tests/it/resume.rs",
        "who_does_not_read_is_closed_as_slow_and_comes_back_to_all_of_it",
    ),
    ("events that a room keeps", "src/actors/sequence.rs", "what_is_kept_is_bounded_in_bytes"),
    (
        "the replay buffer of a connection",
        "src/services/realtime/replay_buffer.rs",
        "a_trail_is_bounded_in_bytes",
    ),
    (
        "connections that wait for their clients",
        "src/services/realtime/memory_resume_store.rs",
        "all_together_are_bounded_in_bytes_and_what_is_shared_counts_once",
    ),
    (
        "tasks that wait for an organisation",
        "tests/it/tasks.rs",
        "a_payload_and_what_waits_for_one_organisation_are_bounded",
    ),
    (
        "tasks that wait for an organisation",
        "tests/it/queues.rs",
        "a_mail_too_many_is_dropped_and_its_cause_is_not",
    ),
    (
        "passwords that wait for a thread",
        "src/services/auth/credentials/queue.rs",
        "nobody_has_more_waiting_than_their_share",
    ),
    (
        "passwords that wait for a thread",
        "src/services/auth/credentials/queue.rs",
        "when_it_is_full_the_one_with_most_makes_room",
    ),
    (
        "uploads at a time",
        "src/services/platform/storage/upload_limiter.rs",
        "one_account_has_a_quarter_and_the_others_the_rest",
    ),
    (
        "uploads at a time",
        "src/services/platform/storage/upload_limiter.rs",
        "only_so_many_of_one_account_wait",
    ),
    ("questions of one account", "src/services/platform/limits/shares.rs", "those_who_wait_are_bounded"),
    (
        "large answers",
        "src/services/platform/limits/budget.rs",
        "one_client_has_a_share_and_the_others_the_rest",
    ),
    (
        "refusals that are being written",
        "src/services/auth/audits/refusals.rs",
        "only_so_many_are_written_at_a_time",
    ),
];

#[test]
fn every_queue_has_a_bound_and_a_test_that_fills_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = fs::read_to_string(root.join("docs/OPERATING.md")).unwrap();
    let bounds: Vec<&str> = document.lines().filter(|line| line.starts_with("| ")).collect();
    for (queue, file, test) in QUEUES {
        assert!(bounds.iter().any(|row| row.contains(queue)), "docs/OPERATING.md does not bound \"{queue}\"");
        let source = fs::read_to_string(root.join(file)).unwrap();
        assert!(source.contains(&format!("fn {test}(")), "{file} has no test {test}");
    }
}

#[tokio::test]
async fn while_the_hub_is_busy_posts_are_taken_and_all_of_them_follow() {
    const POSTS: usize = 150;
    let faults = Faults::none();
    let mut server = Server::with(&[faults.setting(), ("LIMITS__ENABLED", "false")]).await;
    server.may_log_errors();
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let channel = square(&[ann.clone(), bob.clone()]).await;
    let mut socket = bob.listens().await;
    faults.strike("hub", "hang");
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut posted = Vec::new();
    for n in 0..POSTS {
        posted.push(id(&ann.posts(&channel, &format!("number {n}")).await));
    }
    faults.end("hub");
    let heard = hears_posts(&mut socket, POSTS).await;
    assert_eq!(heard.into_iter().map(|heard| heard.0).collect::<Vec<_>>(), posted);
    assert_eq!(socket.heard_by_now(&bob).await, Vec::<String>::new());
    eventually("it is alive", Duration::from_secs(5), || async { server.health("/livez").await.0 == 200 })
        .await;
}

#[tokio::test]
async fn a_mail_too_many_is_dropped_and_its_cause_is_not() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let later = "(extract(epoch from now()) * 1000)::bigint + 3600000";
    let full = format!(
        "insert into tasks (id, kind, payload, org_id, not_before)
         select gen_random_uuid(), 'mail', '{{}}', id, {later} from orgs, generate_series(1, 10000)"
    );
    sql(&server.database, &full);
    let new = json!({"current_password": PASSWORD, "new_password": "An0ther!pass7"});
    ann.put(&format!("/users/{}/password", ann.id), new).await.is(200);
    let dropped = || async { server.said().contains("a mail was dropped: too many wait to be sent") };
    eventually("it is said", Duration::from_secs(5), dropped).await;
    assert_eq!(sql(&server.database, "select count(*) from tasks where kind = 'mail'"), "10000");
}

//! The queue of tasks: each is done once, by whichever node, also when nodes die, tasks fail, and handlers panic. Here a
//! node is a runner of its own on a database, with a handler that keeps what it did in a table.

use std::collections::HashMap;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use diesel_async::RunQueryDsl;
use rustchat::app::bare_core;
use rustchat::config::Settings;
use rustchat::db;
use rustchat::error::Error;
use rustchat::services::Core;
use rustchat::services::platform::tasks::{
    self, Enqueued, ExternalTask, Failure, Handler, PostRef, Progress, Runner, SealedMail, Selection, Task,
    TransactionalTask, WhoAsked,
};
use rustchat::services::platform::{self, Tx};
use rustchat::wire::{FileId, PostId};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::support::cluster::{Cluster, psql, sql};
use crate::support::{Server, eventually, text, visitor};

/// How long anything may take here: a node looks every second for what others left.
const SOON: Duration = Duration::from_secs(15);

/// A node that has not started to work.
struct Node {
    core: Core,
    handler: Keeper,
    _data: TempDir,
}

/// Does tasks by their words: what begins with "hold" waits until it is let go, and what begins with "fail" or "panic"
/// does that. All others are done. What was done, also in vain, is a row of `done` or a number in `tried`.
#[derive(Clone)]
struct Keeper {
    core: Core,
    name: &'static str,
    gate: Arc<Semaphore>,
    /// Has one more owner for each task that waits at the gate.
    waiting: Arc<()>,
}

impl Keeper {
    async fn obeys(&self, words: &str) -> Result<(), Failure> {
        if words.starts_with("hold") {
            let _waiting = self.waiting.clone();
            drop(self.gate.acquire().await);
        }
        match words {
            _ if words.starts_with("fail") => Err(Error::unavailable("the secret is safe").into()),
            _ if words.starts_with("never") => Err(Failure::Final("it makes no sense".to_owned())),
            _ if words.starts_with("panic") => panic!("the handler is broken"),
            _ => Ok(()),
        }
    }

    async fn keeps(&self, conn: &mut db::Conn, words: &str) -> Result<Progress, Failure> {
        let row = diesel::sql_query("insert into done (words, node) values ($1, $2)")
            .bind::<diesel::sql_types::Text, _>(words)
            .bind::<diesel::sql_types::Text, _>(self.name);
        row.execute(conn).await.map_err(Error::from)?;
        Ok(Progress::Done)
    }
}

impl Handler for Keeper {
    async fn in_transaction(&self, tx: &mut Tx, task: TransactionalTask) -> Result<Progress, Failure> {
        let words = match task {
            TransactionalTask::PasswordReset(asked) | TransactionalTask::Verification(asked) => asked.email,
            TransactionalTask::Job(job) => job.name().to_owned(),
        };
        let kept = self.keeps(tx, &words).await?;
        self.obeys(&words).await?;
        Ok(kept)
    }

    async fn outside(&self, _: Uuid, task: ExternalTask) -> Result<Progress, Failure> {
        let words = match task {
            ExternalTask::Mail(mail) => mail.subject,
            ExternalTask::Preview(of) => format!("hold {}", of.post),
            ExternalTask::Document(of) => of.file.to_string(),
            ExternalTask::Unfinished => "unfinished".to_owned(),
        };
        self.obeys(&words).await?;
        self.keeps(&mut *self.core.read().await?, &words).await
    }
}

impl Node {
    async fn on(database: &str, name: &'static str) -> Self {
        Self::with(database, name, "4").await
    }

    async fn with(database: &str, name: &'static str, connections: &str) -> Self {
        let data = TempDir::new().unwrap();
        let variables = [
            ("RUSTCHAT__ENVIRONMENT", "test"),
            ("RUSTCHAT__DATA_DIR", data.path().to_str().unwrap()),
            ("RUSTCHAT__DATABASE__CONNECTIONS", connections),
            ("RUSTCHAT__TASKS__LEASE_SECONDS", "5"),
        ];
        let variables: HashMap<_, _> = variables.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let settings = Settings::from_variables(variables).unwrap();
        let core = bare_core(settings, database, b"a secret that only this test has").await.unwrap();
        let handler =
            Keeper { core: core.clone(), name, gate: Arc::new(Semaphore::new(0)), waiting: Arc::default() };
        Self { core, handler, _data: data }
    }

    fn works(&self) -> JoinHandle<()> {
        tokio::spawn(Runner::new(platform::Core::clone(&self.core), self.handler.clone()).run())
    }

    fn lets_go(&self) {
        self.handler.gate.add_permits(1000);
    }

    fn inside(&self, words: &str) -> Task {
        let (org, email) = (self.core.default_org, words.to_owned());
        let asked = WhoAsked { org, email, address: String::new(), user_agent: String::new() };
        Task::Transactional(TransactionalTask::PasswordReset(asked))
    }

    fn outside(&self, words: &str) -> Task {
        let (recipient, body) = (String::new(), String::new());
        let mail = SealedMail { org: self.core.default_org, recipient, subject: words.to_owned(), body };
        Task::External(ExternalTask::Mail(mail))
    }

    async fn enqueues(&self, tasks: &[Task]) -> Enqueued {
        let mut tx = self.core.begin().await.unwrap();
        let mut last = Enqueued::New;
        for task in tasks {
            last = tasks::enqueue(&mut tx, task).await.unwrap();
        }
        tx.commit().await.unwrap();
        last
    }
}

/// A database with the table that the handler writes to.
fn database() -> String {
    let database = Cluster::shared().copy();
    sql(&database, "create table done (id serial, words text, node text)");
    database
}

/// Waits until a query answers this.
async fn becomes(database: &str, query: &str, answer: &str) {
    eventually(&format!("{query}: {answer}"), SOON, || async { sql(database, query) == answer }).await;
}

const LEFT: &str = "select count(*) from tasks where unique_key is distinct from ''";

#[tokio::test]
async fn two_nodes_do_each_task_once() {
    let database = database();
    let (first, second) = (Node::on(&database, "first").await, Node::on(&database, "second").await);
    let _working = [first.works(), second.works()];
    for n in 0..20 {
        let tasks = (0..10).map(|m| first.inside(&format!("in {n} {m}")));
        let others = (0..5).map(|m| first.outside(&format!("out {n} {m}")));
        let tasks: Vec<Task> = tasks.chain(others).collect();
        let node = if n % 2 == 0 { &first } else { &second };
        node.enqueues(&tasks).await;
    }
    becomes(&database, LEFT, "0").await;
    let done =
        "select count(*), count(distinct words) from done where words like 'in %' or words like 'out %'";
    assert_eq!(sql(&database, done), "300|300");
}

#[tokio::test]
async fn a_node_that_dies_leaves_its_tasks_to_another() {
    let database = database();
    let (first, second) = (Node::on(&database, "first").await, Node::on(&database, "second").await);
    let dying = first.works();
    first.enqueues(&[first.inside("hold in"), first.outside("hold out")]).await;
    // Both are under way: one in an open transaction, one outside of any.
    let begun =
        "select count(*) from tasks where leased_by is not null and attempts = 1 and unique_key is null";
    becomes(&database, begun, "2").await;
    let open = "select count(*) from pg_stat_activity where datname = current_database()
        and state = 'idle in transaction' and query like '%done%'";
    becomes(&database, open, "1").await;
    dying.abort();
    drop(dying.await);
    second.lets_go();
    let working = second.works();
    second.enqueues(&[second.inside("in"), second.outside("out")]).await;
    becomes(&database, "select count(*) from done where words in ('in', 'out')", "2").await;
    // Nobody takes what is leased.
    becomes(&database, LEFT, "2").await;
    sql(&database, "update tasks set leased_until = 0 where unique_key is null");
    becomes(&database, LEFT, "0").await;
    let held =
        "select string_agg(words || ' by ' || node, ', ' order by words) from done where words like 'hold%'";
    assert_eq!(sql(&database, held), "hold in by second, hold out by second");
    working.abort();
}

#[tokio::test]
async fn a_lease_is_renewed_while_its_node_lives_and_who_lost_it_stops() {
    let database = database();
    let (first, second) = (Node::on(&database, "first").await, Node::on(&database, "second").await);
    let _first = first.works();
    first.enqueues(&[first.outside("hold")]).await;
    becomes(&database, "select count(*) from tasks where kind = 'mail' and attempts = 1", "1").await;
    let lease = "select leased_until from tasks where kind = 'mail'";
    let before = sql(&database, lease);
    eventually("it is renewed", SOON, || async { sql(&database, lease) > before }).await;
    // As if the first had been stopped for long, and a third had the task now.
    let held = Arc::strong_count(&first.handler.waiting);
    let other =
        "update tasks set leased_by = gen_random_uuid(), leased_until = now_ms() + 60000 where kind = 'mail'";
    sql(&database, other);
    let stops = || async { Arc::strong_count(&first.handler.waiting) < held };
    eventually("the first stops", SOON, stops).await;
    first.lets_go();
    second.lets_go();
    let _second = second.works();
    sql(&database, "update tasks set leased_until = 0 where kind = 'mail'");
    becomes(&database, LEFT, "0").await;
    assert_eq!(sql(&database, "select count(*) from done where words = 'hold'"), "1");
}

#[tokio::test]
async fn what_is_rolled_back_was_never_asked_for() {
    let database = database();
    let node = Node::on(&database, "first").await;
    let mut tx = node.core.begin().await.unwrap();
    tasks::enqueue(&mut tx, &node.inside("never said")).await.unwrap();
    drop(tx);
    let _working = node.works();
    node.enqueues(&[node.inside("said")]).await;
    becomes(&database, "select count(*) from done where words = 'said'", "1").await;
    assert_eq!(sql(&database, "select count(*) from done where words = 'never said'"), "0");
}

#[tokio::test]
async fn who_asks_on_a_node_wakes_it() {
    let database = database();
    let node = Node::on(&database, "first").await;
    let _working = node.works();
    becomes(&database, "select count(*) > 10 from done", "t").await;
    let begun = tokio::time::Instant::now();
    for n in 0..20 {
        node.enqueues(&[node.inside(&format!("task {n}"))]).await;
        becomes(&database, &format!("select count(*) from done where words = 'task {n}'"), "1").await;
    }
    // One look each second would take twenty.
    assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_task_that_fails_is_tried_later_and_is_a_dead_letter_in_the_end() {
    let database = database();
    let node = Node::on(&database, "first").await;
    let _working = node.works();
    node.enqueues(&[node.inside("fail")]).await;
    let tried = |n: i32| {
        format!("select attempts = {n} and leased_by is null from tasks where kind = 'password_reset'")
    };
    let pause = "select not_before - now_ms() from tasks where kind = 'password_reset'";
    // Five seconds, and twice as long each time; up to a quarter may be taken away, and the look itself takes a while.
    for (n, full) in [(1, 5_000), (2, 10_000), (3, 20_000), (4, 40_000)] {
        becomes(&database, &tried(n), "t").await;
        let paused: i64 = sql(&database, pause).parse().unwrap();
        assert!(paused <= full && paused > full * 3 / 4 - 2_500, "attempt {n}: {paused}");
        sql(&database, "update tasks set not_before = 0 where kind = 'password_reset'");
    }
    sql(&database, "update tasks set not_before = 0, attempts = 7 where kind = 'password_reset'");
    let dead = "select died_at > 0 and attempts = 8 from tasks where kind = 'password_reset'";
    becomes(&database, dead, "t").await;
    assert_eq!(sql(&database, "select count(*) from done where words = 'fail'"), "0", "all was rolled back");
}

#[tokio::test]
async fn a_handler_that_panics_stops_nothing_else() {
    let database = database();
    let node = Node::on(&database, "first").await;
    let _working = node.works();
    // Tasks that share a transaction with one that fails are done all the same, once.
    let near = (0..6).map(|n| node.inside(&format!("near {n}")));
    let bad = [node.inside("panic in"), node.inside("fail"), node.outside("panic out")];
    node.enqueues(&near.chain(bad).collect::<Vec<_>>()).await;
    becomes(&database, "select count(*), count(distinct words) from done where words like 'near%'", "6|6")
        .await;
    let failed = "select count(*) from tasks where last_error like '%panicked: the handler is broken%'";
    becomes(&database, failed, "2").await;
    node.enqueues(&[node.inside("in"), node.outside("out")]).await;
    becomes(&database, "select count(*) from done where words in ('in', 'out')", "2").await;
}

#[tokio::test]
async fn a_task_that_ends_its_node_each_time_is_a_dead_letter_too() {
    let database = database();
    let node = Node::on(&database, "first").await;
    node.enqueues(&[node.outside("out")]).await;
    sql(&database, "update tasks set attempts = 10 where kind = 'mail'");
    let _working = node.works();
    becomes(&database, "select died_at > 0 from tasks where kind = 'mail'", "t").await;
    assert_eq!(sql(&database, "select count(*) from done where words = 'out'"), "0");
}

#[tokio::test]
async fn an_operator_sees_dead_letters_and_has_them_tried_again_or_dropped() {
    let mut server = Server::start().await;
    server.kill();
    sql(&server.database, "create table done (id serial, words text, node text)");
    let node = Node::on(&server.database, "first").await;
    let working = node.works();
    node.enqueues(&[node.outside("never one"), node.outside("never two"), node.outside("never three")]).await;
    let dead = "select count(*) from tasks where died_at > 0";
    becomes(&server.database, dead, "3").await;
    working.abort();
    drop(working.await);
    let list = asks(&server, &["list"]);
    let letters = list["dead"].as_array().unwrap();
    assert_eq!(letters.len(), 3);
    assert_eq!(
        (text(&letters[0], "kind"), text(&letters[0], "error")),
        ("mail".into(), "it makes no sense".into())
    );
    assert!(!list.to_string().contains("never"), "payloads are nobody's business");
    let mail = list["tasks"].as_array().unwrap().iter().find(|kind| kind["kind"] == "mail").unwrap();
    assert_eq!((&mail["dead"], &mail["due"], &mail["running"]), (&json!(3), &json!(0), &json!(0)));
    let one = text(&letters[0], "id");
    assert_eq!(asks(&server, &["drop", &one]), json!({"dropped": 1}));
    assert_eq!(asks(&server, &["retry", &text(&letters[1], "id")]), json!({"retried": 1}));
    let waits = "select count(*) from tasks where kind = 'mail' and died_at = 0 and attempts = 0 and not_before <= now_ms()";
    assert_eq!(sql(&server.database, waits), "1");
    let again = server.command().args(["task", "drop", &one]).output().unwrap();
    assert!(
        !again.status.success() && String::from_utf8_lossy(&again.stderr).contains("no such dead letter")
    );
    assert!(!server.command().args(["task", "retry"]).output().unwrap().status.success());
    assert_eq!(asks(&server, &["drop", "--all"]), json!({"dropped": 1}));
    assert_eq!(sql(&server.database, dead), "0");
}

fn asks(server: &Server, arguments: &[&str]) -> Value {
    let output = server.command().arg("task").args(arguments).stdout(Stdio::piped()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn dead_letters_are_forgotten_after_their_days() {
    let server = Server::start().await;
    let dead = "insert into tasks (id, kind, payload, died_at)
        select gen_random_uuid(), 'mail', '{}', now_ms() - n * 86400000::bigint from generate_series(1, 20) n";
    sql(&server.database, dead);
    sql(&server.database, "update tasks set not_before = 0 where kind = 'dead_tasks'");
    becomes(&server.database, "select count(*) from tasks where died_at > 0", "13").await;
}

#[tokio::test]
async fn of_tasks_with_a_key_one_waits_and_none_is_lost() {
    let database = database();
    let node = Node::on(&database, "first").await;
    let of = PostRef { org: node.core.default_org, post: PostId::new() };
    let preview = Task::External(ExternalTask::Preview(of));
    assert_eq!(node.enqueues(std::slice::from_ref(&preview)).await, Enqueued::New);
    assert_eq!(node.enqueues(std::slice::from_ref(&preview)).await, Enqueued::Refused, "one waits");
    let working = node.works();
    becomes(&database, "select count(*) from tasks where kind = 'preview' and attempts = 1", "1").await;
    // It may have read what has changed since.
    assert_eq!(node.enqueues(std::slice::from_ref(&preview)).await, Enqueued::New);
    node.lets_go();
    becomes(&database, LEFT, "0").await;
    assert_eq!(sql(&database, "select count(*) from done where words like 'hold%'"), "2");
    working.abort();
    // Periodic work is there once, however many nodes have started.
    let jobs = sql(&database, "select count(*), count(distinct kind) from tasks where unique_key = ''");
    let _others = [Node::on(&database, "second").await.works(), node.works()];
    node.enqueues(&[node.inside("after")]).await;
    becomes(&database, "select count(*) from done where words = 'after'", "1").await;
    assert_eq!(
        sql(&database, "select count(*), count(distinct kind) from tasks where unique_key = ''"),
        jobs
    );
}

#[tokio::test]
async fn a_dead_letter_does_not_live_again_beside_one_with_its_key() {
    let database = database();
    let node = Node::on(&database, "first").await;
    let preview = |post| Task::External(ExternalTask::Preview(PostRef { org: node.core.default_org, post }));
    let post = PostId::new();
    node.enqueues(&[preview(post)]).await;
    sql(&database, "update tasks set died_at = 1 where kind = 'preview'");
    assert_eq!(node.enqueues(&[preview(post)]).await, Enqueued::New);
    let refused = tasks::retry(&node.core, Selection::All).await.unwrap_err();
    assert_eq!(refused.id, "task.unique_key");
}

#[tokio::test]
async fn what_is_urgent_goes_first_and_what_is_early_waits() {
    let database = database();
    let node = Node::with(&database, "first", "2").await;
    let mut tx = node.core.begin().await.unwrap();
    let now = db::clock::now(&mut tx).await.unwrap();
    tasks::enqueue_at(&mut tx, &node.inside("tomorrow"), Some(now + 86_400_000)).await.unwrap();
    tx.commit().await.unwrap();
    let urgent: Vec<Task> = (0..6).map(|n| node.inside(&format!("urgent {n}"))).collect();
    node.enqueues(&urgent).await;
    // Periodic work is due too, for longer, and is less urgent.
    let _working = node.works();
    becomes(&database, "select count(*) >= 6 + 14 from done where words <> 'unfinished'", "t").await;
    let first = "select count(*) from (select words from done where words <> 'unfinished' order by id limit 6) d where words like 'urgent%'";
    assert_eq!(sql(&database, first), "6");
    assert_eq!(sql(&database, "select count(*) from done where words = 'tomorrow'"), "0");
    sql(&database, "update tasks set not_before = now_ms() where kind = 'password_reset'");
    becomes(&database, "select count(*) from done where words = 'tomorrow'", "1").await;
}

#[tokio::test]
async fn a_payload_and_what_waits_for_one_organisation_are_bounded() {
    let mut server = Server::start().await;
    server.may_log_errors();
    let node = Node::on(&server.database, "first").await;
    let mut tx = node.core.begin().await.unwrap();
    assert!(tasks::enqueue(&mut tx, &node.inside(&"x".repeat(64 * 1024))).await.is_err());
    drop(tx);
    let waiting = "insert into tasks (id, kind, payload, org_id, not_before)
        select gen_random_uuid(), 'password_reset', '{}', id, now_ms() + 3600000 from orgs, generate_series(1, 1000)
        where slug = 'default'";
    sql(&server.database, waiting);
    assert_eq!(node.enqueues(&[node.inside("one more")]).await, Enqueued::Refused);
    let of = PostRef { org: node.core.default_org, post: PostId::new() };
    assert_eq!(node.enqueues(&[Task::External(ExternalTask::Preview(of))]).await, Enqueued::New);
    // Whether the address is somebody's or not.
    for email in ["admin@example.com", "nobody@example.com"] {
        visitor(&server.base).post("/users/password/reset/send", json!({"email": email})).await.fails(503);
    }
    sql(&server.database, "delete from tasks where kind = 'password_reset' and org_id is not null");
    visitor(&server.base)
        .post("/users/password/reset/send", json!({"email": "admin@example.com"}))
        .await
        .is(200);
}

/// Plays one file of a migration.
fn plays(database: &str, migration: &str, direction: &str) {
    let file = format!("{}/migrations/{migration}/{direction}.sql", env!("CARGO_MANIFEST_DIR"));
    let output = psql(database).args(["-1", "-v", "ON_ERROR_STOP=1", "-f", &file]).output().unwrap();
    assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn what_waited_before_there_were_tasks_is_carried_over_and_back() {
    let database = database();
    let moved =
        ["2026-11-29-120100_mail_tasks", "2026-11-29-120200_job_tasks", "2026-11-29-120300_document_tasks"];
    let node = Node::on(&database, "first").await;
    let (org, file) = (node.core.default_org.0, FileId::new());
    let (user, file_id) = (Uuid::now_v7(), file.0);
    moved.iter().rev().for_each(|migration| plays(&database, migration, "down"));
    sql(
        &database,
        &format!(
            "insert into mails (id, org_id, recipient, subject, body)
             values (gen_random_uuid(), '{org}', 'ann@example.com', 'carried', decode(repeat('ff', 100), 'hex'));
             insert into jobs (name, next_at) values ('audits', 7), ('partitions', now_ms() + 9000000), ('documents', 7);
             insert into files (id, org_id, user_id, name, extension, is_ready, is_unread)
             values ('{file_id}', '{org}', '{user}', 'a.pdf', 'pdf', true, true)"
        ),
    );
    for migration in moved {
        plays(&database, migration, "up");
        plays(&database, migration, "down");
        plays(&database, migration, "up");
    }
    let body = "select translate(encode(decode(repeat('ff', 100), 'hex'), 'base64'), E'\\n', '') = payload ->> 'body'
        from tasks where kind = 'mail'";
    assert_eq!(sql(&database, body), "t");
    let _working = node.works();
    let done = format!("select count(*) from done where words in ('carried', 'audits', '{file}')");
    becomes(&database, &done, "3").await;
    let later = "select not_before > now_ms() + 8000000 from tasks where kind = 'partitions'";
    assert_eq!(sql(&database, later), "t");
    assert_eq!(sql(&database, "select count(*) from done where words = 'partitions'"), "0");
}

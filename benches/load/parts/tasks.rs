//! The queue of tasks: two nodes, each a process of its own, do transactional tasks while a third enqueues them; one of
//! the two is killed midway. A task inserts a row of `effects`, whose number of rows tells whether each was done once.

use std::collections::HashMap;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use diesel_async::RunQueryDsl;
use rustchat::app::bare_core;
use rustchat::config::Settings;
use rustchat::error::Error;
use rustchat::services::Core;
use rustchat::services::platform::tasks::{
    self, ExternalTask, Failure, Handler, Progress, Runner, Task, TransactionalTask, WhoAsked,
};
use rustchat::services::platform::{self, Tx};
use tokio::time::sleep;
use uuid::Uuid;

use crate::load::report::Report;
use crate::load::{Bench, Outcome, sys};

/// Seconds of a lease: what the killed node had is done by the other after them.
const LEASE: &str = "5";

/// Tasks that wait at most while they are enqueued.
const WAITING: i64 = 2_000;

/// Tasks of one transaction that enqueues.
const BATCH: i64 = 25;

const SECRET: &[u8] = b"the secret of a node of the bench";

const AIM: f64 = 1000.0;

/// A node of this part, for ever: the runner with a handler that inserts a row.
pub(crate) fn node(url: &str) -> Outcome<()> {
    let settings = settings()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let core = bare_core(settings, url, SECRET).await?;
        Runner::new(platform::Core::clone(&core), Inserter).run().await;
        Ok(())
    })
}

fn settings() -> Outcome<Settings> {
    let variables = [
        ("RUSTCHAT__ENVIRONMENT", "test"),
        ("RUSTCHAT__DATA_DIR", env!("CARGO_TARGET_TMPDIR")),
        ("RUSTCHAT__TASKS__LEASE_SECONDS", LEASE),
    ];
    let variables: HashMap<_, _> = variables.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    Ok(Settings::from_variables(variables)?)
}

struct Inserter;

impl Handler for Inserter {
    async fn in_transaction(&self, tx: &mut Tx, task: TransactionalTask) -> Result<Progress, Failure> {
        let words = match task {
            TransactionalTask::PasswordReset(asked) | TransactionalTask::Verification(asked) => asked.email,
            TransactionalTask::Job(_) => return Ok(Progress::Done),
        };
        let insert = diesel::sql_query("insert into effects (task, node) values ($1, $2)")
            .bind::<diesel::sql_types::Text, _>(words)
            .bind::<diesel::sql_types::Integer, _>(i32::try_from(std::process::id()).unwrap_or(0));
        insert.execute(&mut **tx).await.map_err(Error::from)?;
        Ok(Progress::Done)
    }

    async fn outside(&self, _: Uuid, _: ExternalTask) -> Result<Progress, Failure> {
        Ok(Progress::Done)
    }
}

/// A node as a process, which ends with this value.
struct Node(Child);

impl Node {
    fn start(url: &str) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--task-node", url]).stdin(Stdio::null()).stdout(Stdio::null());
        sys::end_with_us(&mut command);
        Ok(Self(command.spawn()?))
    }

    /// `kill -9`.
    fn kill(&mut self) -> Outcome<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // One that is gone already needs no ending.
        drop(self.kill());
    }
}

pub(crate) async fn run(bench: &mut Bench, report: &mut Report) -> Outcome<()> {
    report.title("Durable tasks: two nodes, one killed midway");
    // The server would do them too, in its own way.
    bench.server.kill()?;
    let cluster = &bench.cluster;
    cluster.execute("create table effects (id bigserial primary key, task text, node integer)").await?;
    let (mut first, second) = (Node::start(cluster.url())?, Node::start(cluster.url())?);
    let core = bare_core(settings()?, cluster.url(), SECRET).await?;
    let length = bench.options.window() * 2;
    let enqueuing = tokio::spawn(enqueue(core, length));
    let both = rate(bench, length / 2).await?;
    first.kill()?;
    let alone = rate(bench, length / 2).await?;
    let enqueued = enqueuing.await??;
    let waited = emptied(bench).await?;
    drop(second);

    report.aim("tasks a second, two nodes", format!("{both:.0}"), format!("≥ {AIM:.0}"), both >= AIM);
    report.fact("tasks a second, after one was killed", format!("{alone:.0}"));
    report.fact("until what the killed node had was done", format!("{:.1} s", waited.as_secs_f64()));
    let done = cluster.number("select count(*) as n from effects").await?;
    let distinct = cluster.number("select count(distinct task) as n from effects").await?;
    let holds = done == enqueued && distinct == enqueued;
    report.must("tasks enqueued, done, done once", format!("{enqueued}, {done}, {distinct}"), holds);
    let nodes = cluster.number("select count(distinct node) as n from effects").await?;
    report.must("nodes that did some", nodes.to_string(), nodes == 2);
    bench.server.kill_and_start(&bench.cluster)
}

/// Enqueues for a while, a transaction for each batch, and no more than may wait. Answers how many.
async fn enqueue(core: Core, length: Duration) -> Outcome<i64> {
    let (begun, mut enqueued) = (Instant::now(), 0);
    while begun.elapsed() < length {
        if waiting(&core).await? > WAITING {
            sleep(Duration::from_millis(20)).await;
            continue;
        }
        for _ in 0..8 {
            let tasks: Vec<Task> = (0..BATCH).map(|n| task(&core, enqueued + n)).collect();
            let mut new = tasks::rows(&tasks)?;
            // What waits for an organisation is bounded, and this is more.
            new.bounds.fill(None);
            let mut tx = core.begin().await?;
            rustchat::db::tasks::insert(&tx, &new).await?;
            tx.wakes_runner();
            tx.commit().await?;
            enqueued += BATCH;
        }
    }
    Ok(enqueued)
}

fn task(core: &Core, number: i64) -> Task {
    let (address, user_agent) = (String::new(), String::new());
    let asked = WhoAsked { org: core.default_org, email: number.to_string(), address, user_agent };
    Task::Transactional(TransactionalTask::PasswordReset(asked))
}

async fn waiting(core: &Core) -> Outcome<i64> {
    let kinds = tasks::summary(core).await?;
    Ok(kinds.iter().find(|kind| kind.kind == "password_reset").map_or(0, |kind| kind.due))
}

/// Tasks that are done each second of a while, after a moment to warm up.
async fn rate(bench: &Bench, length: Duration) -> Outcome<f64> {
    let warm_up = length / 8;
    sleep(warm_up).await;
    let done = || bench.cluster.number("select count(*) as n from effects");
    let (begun, before) = (Instant::now(), done().await?);
    sleep(length - warm_up).await;
    let (after, seconds) = (done().await?, begun.elapsed().as_secs_f64());
    Ok((after - before) as f64 / seconds)
}

/// Waits until no task is left, and answers how long that took.
async fn emptied(bench: &Bench) -> Outcome<Duration> {
    let begun = Instant::now();
    let left = "select count(*) as n from tasks where kind = 'password_reset'";
    while bench.cluster.number(left).await? > 0 {
        if begun.elapsed() > Duration::from_secs(60) {
            return Err("tasks were left for a minute".into());
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(begun.elapsed())
}

//! The runner of a node: leases tasks that are due while there are places for them, starts them, and renews their
//! leases. It is woken by commits on this node; for tasks of other nodes, and for those whose time has come, it looks
//! every second.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, MissedTickBehavior, interval};
use uuid::Uuid;

use super::attempt::Attempt;
use super::batch;
use super::handler::Handler;
use super::running::Running;
use super::{Kind, Task};
use crate::db;
use crate::db::tasks::{Claimed, Lease, Wanted};
use crate::error::{Error, Result};
use crate::services::platform::Core;
use crate::wire::Millis;

/// The interval at which tasks of other nodes are looked for.
const LOOK: Duration = Duration::from_secs(1);

/// The pause after the database could not be asked.
const AWAY: Duration = Duration::from_secs(5);

/// The time between two claims at least, so that each takes more than one task when many wait.
const GATHER: Duration = Duration::from_millis(4);

/// Transactional tasks that are leased for each transaction that may be open: they share some, and others wait.
const AHEAD: usize = 8;

/// The runner of a node. Dropping it ends what it does; other nodes take that over when the leases run out.
pub struct Runner<H> {
    core: Core,
    handler: Arc<H>,
    /// The name under which it leases tasks.
    id: Uuid,
    lease: Duration,
    /// The transactions that tasks may have open at a time.
    transactions: usize,
    places: Arc<Semaphore>,
    running: Running,
    /// Whether more may wait than there were places for.
    is_short: bool,
    renewed: Instant,
}

impl<H: Handler> Runner<H> {
    /// A runner that has `handler` do the tasks.
    pub fn new(core: Core, handler: H) -> Self {
        let transactions = (core.settings.database.connections / 2).max(1);
        Self {
            handler: Arc::new(handler),
            id: Uuid::now_v7(),
            lease: Duration::from_secs(core.settings.tasks.lease_seconds.into()),
            transactions,
            places: Arc::new(Semaphore::new(transactions)),
            running: Running::default(),
            is_short: false,
            renewed: Instant::now(),
            core,
        }
    }

    /// Does tasks for ever.
    pub async fn run(self) {
        self.run_watched(|| ()).await;
    }

    /// Does tasks for ever; calls `alive` in each round, a second or some statements after the one before.
    pub async fn run_watched(mut self, alive: impl Fn() + Send + Sync) {
        self.register(&alive).await;
        let mut beat = interval(self.lease / 3);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            alive();
            let begun = Instant::now();
            let pause = match self.claim().await {
                Ok(()) => LOOK,
                Err(error) => {
                    tracing::warn!(%error, "the tasks that are due could not be read");
                    AWAY
                }
            };
            let core = self.core.clone();
            tokio::select! {
                () = core.tasks_due.notified() => {}
                () = self.running.one_ends(), if self.is_short => {}
                () = tokio::time::sleep(pause) => {}
                _ = beat.tick() => self.renew().await,
            }
            tokio::time::sleep_until(begun + GATHER).await;
            self.running.forget_ended();
        }
    }

    /// Inserts the periodic tasks that are not there yet.
    async fn register(&self, alive: &(impl Fn() + Sync)) {
        let periodic: Vec<&str> =
            Kind::all().filter(|kind| kind.period().is_some()).map(Kind::name).collect();
        let register = async || -> Result<usize> {
            Ok(db::tasks::register(&mut *self.core.read().await?, &periodic).await?)
        };
        while let Err(error) = register().await {
            tracing::warn!(%error, "periodic tasks could not be registered");
            alive();
            tokio::time::sleep(AWAY).await;
        }
    }

    /// Leases and starts tasks that are due, as many as there are places.
    async fn claim(&mut self) -> Result<()> {
        self.is_short = false;
        let waiting = AHEAD * self.transactions;
        let free = waiting.saturating_sub(self.running.count(Kind::is_transactional));
        for (of, total) in [(Kind::is_transactional as fn(Kind) -> bool, free), (is_external, usize::MAX)] {
            let wanted = self.wanted(of, total);
            if wanted.kinds.is_empty() || wanted.total == 0 {
                self.is_short = true;
                continue;
            }
            let claimed = db::tasks::claim(&mut *self.core.read().await?, &wanted).await?;
            self.is_short |= is_exhausted(&wanted, &claimed);
            self.start(claimed, &wanted);
        }
        Ok(())
    }

    /// The kinds for which there are places, the most urgent first.
    fn wanted(&mut self, of: fn(Kind) -> bool, total: usize) -> Wanted {
        let free = |kind: Kind| kind.policy().at_once.saturating_sub(self.running.count(|k| k == kind));
        let mut kinds: Vec<(Kind, usize)> = Kind::all().filter(|k| of(*k)).map(|k| (k, free(k))).collect();
        kinds.sort_by_key(|(kind, _)| kind.policy().priority);
        self.is_short |= kinds.iter().any(|(_, free)| *free == 0);
        kinds.retain(|(_, free)| *free > 0);
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        Wanted {
            kinds: kinds.iter().map(|(kind, _)| kind.name()).collect(),
            limits: kinds.iter().map(|(_, free)| number(*free)).collect(),
            total: number(total),
            leased_by: self.id,
            lease: Millis::try_from(self.lease.as_millis()).unwrap_or(Millis::MAX),
        }
    }

    fn start(&mut self, mut claimed: Vec<Claimed>, wanted: &Wanted) {
        let rank = |c: &Claimed| wanted.kinds.iter().position(|kind| *kind == c.kind);
        claimed.sort_by_key(|c| (rank(c), c.id));
        let mut attempts: Vec<(Attempt<H>, std::result::Result<Task, String>)> = Vec::new();
        for Claimed { id, kind, payload, attempts: count, .. } in claimed {
            // Only kinds that this version knows were asked for.
            let Some(kind) = Kind::named(&kind) else { continue };
            let lease = Lease { id, leased_by: self.id, attempts: count };
            attempts.push((self.attempt(kind, lease), Task::read(kind, payload)));
        }
        for batch in batch::together(attempts) {
            let Some((first, _)) = batch.first() else { continue };
            let (kind, tasks) = (first.kind, batch.iter().map(|(attempt, _)| attempt.lease.id).collect());
            self.running.start(kind, tasks, batch::run(batch));
        }
    }

    fn attempt(&self, kind: Kind, lease: Lease) -> Attempt<H> {
        let (core, handler, places) = (self.core.clone(), self.handler.clone(), self.places.clone());
        Attempt { core, handler, places, kind, lease }
    }

    /// Renews the leases. External tasks whose lease is lost, or ran out because the database was away, are ended.
    async fn renew(&mut self) {
        let leased = self.running.tasks();
        let renewed = async {
            if leased.is_empty() {
                return Ok(Vec::new());
            }
            let lease = Millis::try_from(self.lease.as_millis()).unwrap_or(Millis::MAX);
            let mut conn = self.core.read().await?;
            Ok::<_, Error>(db::tasks::renew(&mut conn, self.id, &leased, lease).await?)
        };
        match renewed.await {
            Ok(held) => {
                self.renewed = Instant::now();
                self.running.end_external_but(&held);
            }
            Err(error) => {
                tracing::warn!(%error, "the leases of tasks could not be renewed");
                if self.renewed.elapsed() >= self.lease {
                    self.running.end_external_but(&[]);
                }
            }
        }
    }
}

fn is_external(kind: Kind) -> bool {
    !kind.is_transactional()
}

/// Whether more may wait than was claimed: of all kinds, or of one.
fn is_exhausted(wanted: &Wanted, claimed: &[Claimed]) -> bool {
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let of = |kind: &str| number(claimed.iter().filter(|c| c.kind == kind).count());
    number(claimed.len()) >= wanted.total
        || wanted.kinds.iter().zip(&wanted.limits).any(|(kind, limit)| of(kind) >= *limit)
}

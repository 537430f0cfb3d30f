//! What every service is given, and how a service writes: begin, work, emit, commit. An event is a promise kept after
//! the commit: numbered and written in the same transaction as the change that it tells of, handed to the bus when
//! the change is on disk.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use uuid::Uuid;

use crate::config::Settings;
use crate::db::{self, Conn, Pool, Pooled};
use crate::error::{Error, Result};
use crate::services::addresses::Addresses;
use crate::services::credentials::{Passwords, Provider, Sessions, Tokens, Vault};
use crate::services::drafts::Queue;
use crate::services::fetch::Fetcher;
use crate::services::permissions::Charters;
use crate::services::pictures::Studio;
use crate::services::realtime::{Bus, Presence, Throttle};
use crate::services::storage::{Storage, Turns};
use crate::wire::{Event, Frame, OrgId, Topic};

/// The parts that services share. Cheap to clone.
#[derive(Clone)]
pub struct Core {
    inner: Arc<Parts>,
}

/// What a [`Core`] is made of; the composition root fills it.
pub struct Parts {
    /// The settings in force.
    pub settings: Settings,
    /// The database.
    pub pool: Pool,
    /// The post writer's own connection to it.
    pub writing_pool: Pool,
    /// Where committed frames go.
    pub bus: Arc<dyn Bus>,
    /// Where posts wait for the writer.
    pub drafts: Queue,
    /// Where the bytes of files lie.
    pub storage: Storage,
    /// Whose turn it is to send files.
    pub turns: Turns,
    /// Who is connected.
    pub presence: Arc<Presence>,
    /// Who was announced as writing a moment ago.
    pub writing: Throttle,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Signs and reads access tokens.
    pub tokens: Tokens,
    /// Fetches what people name.
    pub fetch: Fetcher,
    /// Decodes pictures and makes them anew.
    pub pictures: Studio,
    /// Seals what is kept, and digests what is not.
    pub vault: Vault,
    /// Where people log in who do not do so with a password, if anywhere.
    pub openid: Option<Provider>,
    /// Remembers sessions for a moment.
    pub sessions: Sessions,
    /// Remembers for a moment what organisations made of their roles.
    pub charters: Charters,
    /// Which organisation answers where.
    pub addresses: Addresses,
    /// The organisation that answers at the root.
    pub default_org: OrgId,
    /// What identifies this deployment to clients.
    pub deployment_id: Uuid,
}

impl Deref for Core {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.inner
    }
}

impl Core {
    /// A core of its parts.
    pub fn new(parts: Parts) -> Self {
        Self { inner: Arc::new(parts) }
    }

    /// A connection for reading; writes go through [`Core::begin`].
    pub async fn read(&self) -> Result<Pooled> {
        self.pool.get().await
    }

    /// Opens a transaction.
    pub async fn begin(&self) -> Result<Tx> {
        self.begin_on(&self.pool).await
    }

    /// Opens a transaction of the post writer's, on its own connection.
    pub async fn begin_writing(&self) -> Result<Tx> {
        self.begin_on(&self.writing_pool).await
    }

    async fn begin_on(&self, pool: &Pool) -> Result<Tx> {
        let mut conn = pool.get().await?;
        db::pool::begin(&mut conn).await?;
        Ok(Tx { conn: Some(conn), events: Vec::new(), bus: self.bus.clone() })
    }

    /// Tells of an ephemeral event: no row, no number, and it may be lost.
    pub fn announce(&self, event: &Event) {
        self.bus.publish(vec![Arc::new(event.encode(0, |_| 0))]);
    }

    /// The same on this node alone, for what every node finds out by itself.
    pub fn announce_here(&self, event: &Event) {
        self.bus.publish_here(vec![Arc::new(event.encode(0, |_| 0))]);
    }
}

/// An open transaction, and the events that it will tell of. Dropping it rolls back and tells nobody.
pub struct Tx {
    conn: Option<Pooled>,
    events: Vec<Event>,
    bus: Arc<dyn Bus>,
}

impl Tx {
    /// Promises an event: told when, and only if, the transaction commits. Events of one topic are heard in the order
    /// in which they were emitted.
    pub fn emit(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Numbers the emitted events, writes them to the log, commits, and hands their frames to the bus. Runs to its end
    /// even if nobody waits for it any more: a client that hangs up must not come between a commit and its telling.
    pub async fn commit(self) -> Result<()> {
        let finished = tokio::spawn(self.finish());
        finished.await.map_err(|e| Error::internal(format!("commit: {e}")))?
    }

    async fn finish(mut self) -> Result<()> {
        let events = std::mem::take(&mut self.events);
        let frames = write_log(&mut self, &events).await?;
        let mut conn = self.conn.take().ok_or_else(|| Error::internal("transaction without connection"))?;
        let committed = db::pool::commit(&mut conn).await;
        drop(conn);
        if let Err(error) = committed {
            // A commit that was not answered may be on disk all the same.
            self.bus.doubt();
            return Err(error.into());
        }
        if !frames.is_empty() {
            self.bus.publish(frames);
        }
        Ok(())
    }
}

/// Statements are run on the transaction as on any connection.
impl Deref for Tx {
    type Target = Conn;
    #[expect(
        clippy::expect_used,
        reason = "the connection is there until commit, which takes the transaction itself"
    )]
    fn deref(&self) -> &Conn {
        self.conn.as_deref().expect("an open transaction has a connection")
    }
}

impl DerefMut for Tx {
    #[expect(
        clippy::expect_used,
        reason = "the connection is there until commit, which takes the transaction itself"
    )]
    fn deref_mut(&mut self) -> &mut Conn {
        self.conn.as_deref_mut().expect("an open transaction has a connection")
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        let Some(mut conn) = self.conn.take() else { return };
        // A connection must not go back to the pool with the transaction open; outside a runtime it is closed.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    if db::pool::rollback(&mut conn).await.is_err() {
                        drop(Pooled::take(conn));
                    }
                });
            }
            Err(_) => drop(Pooled::take(conn)),
        }
    }
}

/// Takes numbers for `events` and writes their rows: two statements, however many there are.
async fn write_log(tx: &mut Tx, events: &[Event]) -> Result<Vec<Arc<Frame>>> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let mut next = take_numbers(tx, events).await?;
    let base: BTreeMap<Topic, u64> = next.clone();
    let mut frames = Vec::with_capacity(events.len());
    for event in events {
        let seq = if event.is_durable() {
            let last = next.entry(event.audience()).or_default();
            *last += 1;
            *last
        } else {
            0
        };
        frames.push(Arc::new(event.encode(seq, |topic| base.get(&topic).copied().unwrap_or(0))));
    }
    let rows = || frames.iter().filter(|f| f.seq > 0);
    let topics: Vec<Uuid> = rows().map(|f| f.topic.uuid()).collect();
    let seqs: Vec<i64> = rows().map(|f| i64::try_from(f.seq).unwrap_or(i64::MAX)).collect();
    let texts: Vec<String> = rows().map(|f| f.to_row()).collect();
    db::events::append(tx, &topics, &seqs, &texts).await?;
    Ok(frames)
}

/// For each topic of the durable events, the number after which theirs begin.
async fn take_numbers(tx: &mut Tx, events: &[Event]) -> Result<BTreeMap<Topic, u64>> {
    let mut counts: BTreeMap<Uuid, (Topic, i64)> = BTreeMap::new();
    for event in events.iter().filter(|e| e.is_durable()) {
        let topic = event.audience();
        counts.entry(topic.uuid()).or_insert((topic, 0)).1 += 1;
    }
    let ids: Vec<Uuid> = counts.keys().copied().collect();
    let amounts: Vec<i64> = counts.values().map(|(_, n)| *n).collect();
    let counters = db::topics::take(tx, &ids, &amounts).await?;
    let bases = counters.into_iter().filter_map(|c| {
        let (topic, n) = counts.get(&c.id)?;
        Some((*topic, u64::try_from(c.seq - n).ok()?))
    });
    Ok(bases.collect())
}

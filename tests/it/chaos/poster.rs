//! Writers: each sends a post to any node until it is acknowledged, and only then the next. The pending id is what
//! makes sending it again harmless.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::{Said, now};
use crate::support::{Person, id};

/// How long a writer waits for an answer before it asks another node.
const ATTEMPT: Duration = Duration::from_secs(3);

/// The pause before a post is sent again.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a writer tries to be acknowledged.
const PATIENCE: Duration = Duration::from_secs(90);

/// A post that was acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Acknowledged {
    pub(crate) said: Said,
    /// The index of its channel.
    pub(crate) channel: usize,
    pub(crate) id: String,
    /// When it was sent first, as [`now`] counts.
    pub(crate) sent: u32,
}

/// How many posts may be written, how many are, and what went wrong on the way.
pub(crate) struct Desk {
    permits: Semaphore,
    acknowledged: AtomicUsize,
    /// Attempts that brought no acknowledgement, by what they brought.
    failures: Mutex<BTreeMap<String, usize>>,
}

impl Desk {
    pub(crate) fn new() -> Arc<Self> {
        let permits = Semaphore::new(0);
        Arc::new(Self { permits, acknowledged: AtomicUsize::new(0), failures: Mutex::default() })
    }

    /// Asks for some posts, at most so many a second.
    pub(crate) async fn orders(&self, posts: usize, per_second: usize) {
        let begin = Instant::now();
        for ordered in 1..=posts {
            self.permits.add_permits(1);
            let due = begin + Duration::from_secs(1) * ordered as u32 / per_second as u32;
            tokio::time::sleep_until(due.into()).await;
        }
    }

    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::Relaxed)
    }

    pub(crate) fn failures(&self) -> BTreeMap<String, usize> {
        self.failures.lock().unwrap().clone()
    }
}

/// All that was acknowledged, when nothing more is to be written.
pub(crate) async fn collect(desk: &Desk, writing: Vec<JoinHandle<Vec<Acknowledged>>>) -> Vec<Acknowledged> {
    desk.permits.close();
    let mut all = Vec::new();
    for writer in writing {
        all.extend(writer.await.unwrap());
    }
    all
}

/// Somebody who writes in several channels by turns.
pub(crate) struct Poster {
    pub(crate) number: u16,
    /// The same person at each node.
    pub(crate) doors: Vec<Person>,
    pub(crate) channels: Vec<String>,
    /// Stands behind every message.
    pub(crate) ballast: String,
}

impl Poster {
    /// Begins to write whatever is ordered.
    pub(crate) fn starts(self, desk: Arc<Desk>) -> JoinHandle<Vec<Acknowledged>> {
        tokio::spawn(async move { self.writes(&desk).await })
    }

    async fn writes(self, desk: &Desk) -> Vec<Acknowledged> {
        let mut written = Vec::new();
        let mut door = usize::from(self.number);
        while let Ok(permit) = desk.permits.acquire().await {
            permit.forget();
            let said = Said { writer: self.number, number: written.len() as u32 };
            let channel = (usize::from(self.number) + written.len()) % self.channels.len();
            let (body, sent) = (self.body(said, channel), now());
            let id = self.insists(&body, &mut door, desk).await;
            written.push(Acknowledged { said, channel, id, sent });
            desk.acknowledged.fetch_add(1, Ordering::Relaxed);
            // Who writes next does not always come through the same door.
            door += usize::from(written.len() % 16 == 0);
        }
        written
    }

    fn body(&self, said: Said, channel: usize) -> Value {
        let pending = format!("{}:{}", self.doors[0].id, said.number);
        let message = said.message() + &self.ballast;
        json!({"channel_id": self.channels[channel], "message": message, "pending_post_id": pending})
    }

    /// Sends it until it is acknowledged; its id.
    async fn insists(&self, body: &Value, door: &mut usize, desk: &Desk) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let failure = match send(&self.doors[*door % self.doors.len()], body).await {
                Ok(id) => return id,
                Err(failure) => failure,
            };
            assert!(Instant::now() < deadline, "not acknowledged for {PATIENCE:?}: {failure}");
            *desk.failures.lock().unwrap().entry(failure).or_default() += 1;
            *door += 1;
            sleep(PAUSE).await;
        }
    }
}

/// One attempt. An answer that says that the request was wrong is none that a fault explains.
async fn send(person: &Person, body: &Value) -> Result<String, String> {
    let request = person.request(Method::POST, "/posts").timeout(ATTEMPT).json(body);
    let answer = request.send().await.map_err(|error| reason(&error))?;
    let status = answer.status().as_u16();
    let text = answer.text().await.map_err(|error| reason(&error))?;
    assert!(status == 201 || status == 429 || status >= 500, "{status}: {text}");
    match serde_json::from_str(&text) {
        Ok(post) if status == 201 => Ok(id(&post)),
        _ => Err(format!("status {status}")),
    }
}

fn reason(error: &reqwest::Error) -> String {
    let what = if error.is_timeout() { "no answer in time" } else { "no connection" };
    what.to_owned()
}

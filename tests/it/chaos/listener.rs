//! Listeners: clients that stay connected to some node, go to the next one when that ends, and make good what they
//! missed meanwhile.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::ear::{Ear, Wrong};
use super::random::Random;
use super::wire::{ATTEMPT, Ended, Place, Wire, because};
use crate::support::Person;

/// Milliseconds before the first attempt to come back, and at most between attempts.
const BACK_OFF: (u64, u64) = (50, 2_000);

/// Wrongs that are kept; one tells as much as a thousand.
const WRONGS: usize = 20;

/// How a client makes good what it missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It asks by REST for the posts after the newest that it has, as the protocol's clients do.
    Refetch,
    /// It names the connection that it lost and the event that it expects next, as the protocol's clients do too, and
    /// fetches only if that connection is not known any more.
    Return,
    /// It says which positions it holds, and is sent the rest.
    Resume,
}

/// Listeners take turns in these.
pub(crate) const MANNERS: [Manner; 3] = [Manner::Refetch, Manner::Return, Manner::Resume];

/// What happened to all listeners.
#[derive(Default)]
pub(crate) struct Audience {
    connected: AtomicUsize,
    ends: Mutex<BTreeMap<Ended, usize>>,
    comebacks: Mutex<BTreeMap<&'static str, usize>>,
    wrongs: Mutex<Vec<Wrong>>,
}

impl Audience {
    /// Listeners that are connected and have made good what they missed.
    pub(crate) fn connected(&self) -> usize {
        self.connected.load(Ordering::Relaxed)
    }

    /// Connections that ended, and attempts to connect that failed, by the reason.
    pub(crate) fn ends(&self) -> BTreeMap<Ended, usize> {
        self.ends.lock().unwrap().clone()
    }

    /// How often what was missed was made good, by the way in which it was.
    pub(crate) fn comebacks(&self) -> BTreeMap<&'static str, usize> {
        self.comebacks.lock().unwrap().clone()
    }

    fn came_back(&self, way: &'static str) {
        *self.comebacks.lock().unwrap().entry(way).or_default() += 1;
    }

    /// What listeners were told and should not have been.
    pub(crate) fn wrongs(&self) -> Vec<Wrong> {
        self.wrongs.lock().unwrap().clone()
    }

    fn ended(&self, reason: Ended) {
        *self.ends.lock().unwrap().entry(reason).or_default() += 1;
    }

    fn wrong(&self, wrong: Wrong) {
        let mut wrongs = self.wrongs.lock().unwrap();
        if wrongs.len() < WRONGS {
            wrongs.push(wrong);
        }
    }
}

/// One client.
pub(crate) struct Listener {
    /// The same person at each node.
    pub(crate) doors: Vec<Person>,
    /// The index of the node that it is at.
    pub(crate) door: usize,
    pub(crate) manner: Manner,
    /// The connection that it lost, if it may go on where that was.
    pub(crate) place: Option<Place>,
    pub(crate) ears: Arc<Mutex<Vec<Ear>>>,
    pub(crate) audience: Arc<Audience>,
    pub(crate) random: Random,
}

impl Listener {
    /// Listens until it is aborted.
    pub(crate) fn starts(self) -> JoinHandle<()> {
        tokio::spawn(self.lives())
    }

    async fn lives(mut self) {
        let mut failures = 0;
        loop {
            let reason = match self.arrives().await {
                Ok(wire) => {
                    failures = 0;
                    self.stays(wire).await
                }
                Err(reason) => reason,
            };
            self.audience.ended(reason);
            sleep(self.back_off(failures)).await;
            failures += 1;
            self.door += 1;
        }
    }

    /// Twice as long each time, and never when the others do.
    fn back_off(&mut self, failures: u32) -> Duration {
        let (first, most) = BACK_OFF;
        let most = first.saturating_mul(1 << failures.min(10)).min(most);
        Duration::from_millis(self.random.within(most / 2..most + 1))
    }

    /// Connects and makes good what it missed.
    async fn arrives(&self) -> Result<Wire, Ended> {
        if let Some(place) = &self.place {
            // Whether that connection is known is heard by what comes first.
            return Wire::back(self.person(), place).await;
        }
        let mut wire = Wire::open(self.person()).await?;
        match self.manner {
            Manner::Refetch | Manner::Return => self.fetches().await?,
            Manner::Resume => self.resumes(&mut wire).await?,
        }
        Ok(wire)
    }

    /// Hears until the connection ends; why it did.
    async fn stays(&mut self, mut wire: Wire) -> Ended {
        self.audience.connected.fetch_add(1, Ordering::Relaxed);
        let reason = self.hears(&mut wire).await;
        self.audience.connected.fetch_sub(1, Ordering::Relaxed);
        reason
    }

    async fn hears(&mut self, wire: &mut Wire) -> Ended {
        let mut went_on = self.place.is_some();
        loop {
            let event = match wire.next().await {
                Ok(event) => event,
                Err(reason) => {
                    self.place = (self.manner == Manner::Return).then(|| wire.place.clone());
                    return reason;
                }
            };
            if Wire::greets(&event) {
                // The lost connection is not known any more, and this one is not whole before everything is fetched.
                self.place = None;
                if let Err(reason) = self.fetches().await {
                    return reason;
                }
            } else if std::mem::take(&mut went_on) {
                self.audience.came_back("went on where it was");
            }
            self.takes(&event);
        }
    }

    fn takes(&self, event: &str) {
        let mut ears = self.ears.lock().unwrap();
        let Some(topic) = topic(event) else { return };
        let Some(ear) = ears.iter_mut().find(|ear| ear.topic == topic) else { return };
        let taken = match self.manner {
            Manner::Refetch | Manner::Return => ear.hears(event),
            Manner::Resume => ear.hears_strictly(event),
        };
        if let Err(wrong) = taken {
            self.audience.wrong(format!("{:?}: {wrong}", self.manner));
        }
    }

    fn person(&self) -> &Person {
        &self.doors[self.door % self.doors.len()]
    }

    /// Fetches what was posted after what it has. What is posted from now on, it hears.
    async fn fetches(&self) -> Result<(), Ended> {
        let channels = self.ears.lock().unwrap().len();
        for channel in 0..channels {
            self.with(channel, |ear| ear.follows = false);
            loop {
                let path = self.with(channel, |ear| {
                    format!("/channels/{}/posts?after={}&per_page=200", ear.id, ear.newest)
                });
                let page = fetch(self.person(), &path).await?;
                if !self.with(channel, |ear| ear.fetched(&page)) {
                    break;
                }
            }
        }
        self.audience.came_back("fetched");
        Ok(())
    }

    fn with<T>(&self, channel: usize, does: impl FnOnce(&mut Ear) -> T) -> T {
        does(&mut self.ears.lock().unwrap()[channel])
    }

    /// Says what it holds. What it hears before the answer is not meant for it; after it, everything follows.
    async fn resumes(&self, wire: &mut Wire) -> Result<(), Ended> {
        let positions: Map<String, Value> = {
            let ears = self.ears.lock().unwrap();
            ears.iter().filter(|e| e.position > 0).map(|e| (e.topic.clone(), e.position.into())).collect()
        };
        let reply = wire.asks("resume", &json!({"positions": positions})).await?;
        let data = &reply["data"];
        let is_empty = |key: &str| data[key].as_object().is_none_or(Map::is_empty);
        if !is_empty("too_old") || data["gone"].as_array().is_some_and(|gone| !gone.is_empty()) {
            self.audience.wrong(format!("not all could be resumed: {data}"));
        }
        for ear in self.ears.lock().unwrap().iter_mut() {
            if ear.position == 0 {
                ear.position = data["others"][&ear.topic].as_u64().unwrap_or_default();
            }
            ear.follows = true;
        }
        self.audience.came_back("resumed by positions");
        Ok(())
    }
}

/// The topic of a numbered event.
fn topic(event: &str) -> Option<&str> {
    let (_, rest) = event.rsplit_once("\"topic\":\"")?;
    rest.split('"').next()
}

async fn fetch(person: &Person, path: &str) -> Result<Value, Ended> {
    let answer = person.request(Method::GET, path).timeout(ATTEMPT).send().await;
    let answer = answer.map_err(because("nothing fetched: no answer"))?;
    if answer.status() != 200 {
        return Err(format!("nothing fetched: status {}", answer.status().as_u16()));
    }
    answer.json().await.map_err(because("nothing fetched: half an answer"))
}

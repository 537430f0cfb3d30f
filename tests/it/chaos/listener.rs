//! Listeners: clients that stay connected to some node, go to the next one when that ends, and make good what they
//! missed meanwhile.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::ear::{Ear, Wrong, number_after};
use super::random::Random;
use crate::support::Person;
use crate::support::socket::handshake;

/// How long connecting, or fetching a page, may take.
const ATTEMPT: Duration = Duration::from_secs(3);

/// Silence after which a listener asks whether the node is there, and after as much again leaves it.
const SILENCE: Duration = Duration::from_secs(3);

/// Milliseconds before the first attempt to come back, and at most between attempts.
const BACK_OFF: (u64, u64) = (50, 2_000);

/// Wrongs that are kept; one tells as much as a thousand.
const WRONGS: usize = 20;

/// How a client makes good what it missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It asks by REST for the posts after the newest that it has, as the protocol's clients do.
    Refetch,
    /// It says which positions it holds, and is sent the rest.
    Resume,
}

/// Listeners take turns in these.
pub(crate) const MANNERS: [Manner; 2] = [Manner::Refetch, Manner::Resume];

/// Why a connection came to its end.
type Ended = String;

/// The reason in a word, whatever the error says: they are counted by it.
fn because<E>(reason: &str) -> impl FnOnce(E) -> Ended {
    move |_error| reason.to_owned()
}

/// What happened to all listeners.
#[derive(Default)]
pub(crate) struct Audience {
    connected: AtomicUsize,
    ends: Mutex<BTreeMap<Ended, usize>>,
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
    async fn arrives(&mut self) -> Result<Wire, Ended> {
        let mut wire = Wire::open(self.person()).await?;
        match self.manner {
            Manner::Refetch => self.fetches().await?,
            Manner::Resume => self.resumes(&mut wire).await?,
        }
        Ok(wire)
    }

    /// Hears until the connection ends; why it did.
    async fn stays(&mut self, mut wire: Wire) -> Ended {
        self.audience.connected.fetch_add(1, Ordering::Relaxed);
        let reason = loop {
            match wire.next().await {
                Ok(event) => self.takes(&event),
                Err(reason) => break reason,
            }
        };
        self.audience.connected.fetch_sub(1, Ordering::Relaxed);
        reason
    }

    fn takes(&self, event: &str) {
        let mut ears = self.ears.lock().unwrap();
        let Some(topic) = topic(event) else { return };
        let Some(ear) = ears.iter_mut().find(|ear| ear.topic == topic) else { return };
        let taken = match self.manner {
            Manner::Refetch => ear.hears(event),
            Manner::Resume => ear.hears_strictly(event),
        };
        if let Err(wrong) = taken {
            self.audience.wrong(wrong);
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

/// A connection that has said hello. Its own numbers are checked as they come.
struct Wire {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next: u64,
}

impl Wire {
    async fn open(person: &Person) -> Result<Self, Ended> {
        let request = handshake(&person.base, &[("authorization", &format!("Bearer {}", person.token))]);
        let connected =
            timeout(ATTEMPT, connect_async(request)).await.map_err(because("no answer to a handshake"))?;
        let (stream, _) = connected.map_err(because("refused"))?;
        let mut wire = Self { stream, next: 0 };
        let hello = wire.next().await?;
        assert!(hello.contains("\"hello\""), "{hello}");
        Ok(wire)
    }

    /// The next text: an event or a reply.
    async fn next(&mut self) -> Result<String, Ended> {
        let mut asked = false;
        loop {
            let Ok(message) = timeout(SILENCE, self.stream.next()).await else {
                if std::mem::replace(&mut asked, true) {
                    return Err("silence".to_owned());
                }
                self.sends(Message::Ping(Default::default())).await?;
                continue;
            };
            match message {
                Some(Ok(Message::Text(text))) => {
                    self.counts(&text);
                    return Ok(text.to_string());
                }
                Some(Ok(Message::Close(frame))) => {
                    let frame = frame.map(|f| format!("{} {}", u16::from(f.code), f.reason));
                    return Err(frame.unwrap_or_default());
                }
                Some(Ok(_)) => asked = false,
                Some(Err(_)) | None => return Err("broken off".to_owned()),
            }
        }
    }

    /// A socket on which numbers are missing is no socket: this ends the listener, and so the test.
    fn counts(&mut self, text: &str) {
        if text.starts_with(r#"{"event""#) {
            assert_eq!(number_after(text, "\"seq\":"), Some(self.next), "{text}");
            self.next += 1;
        }
    }

    /// Asks for something; what comes before the reply is dropped.
    async fn asks(&mut self, action: &str, data: &Value) -> Result<Value, Ended> {
        self.sends(Message::text(json!({"seq": 1, "action": action, "data": data}).to_string())).await?;
        loop {
            let text = self.next().await?;
            if text.starts_with(r#"{"event""#) {
                continue;
            }
            let reply: Value = serde_json::from_str(&text).unwrap();
            return if reply["status"] == "OK" {
                Ok(reply)
            } else {
                Err(format!("{action}: {}", reply["error"]["id"]))
            };
        }
    }

    async fn sends(&mut self, message: Message) -> Result<(), Ended> {
        let sent = timeout(ATTEMPT, self.stream.send(message)).await;
        sent.map_err(because("stuck"))?.map_err(because("broken off"))
    }
}

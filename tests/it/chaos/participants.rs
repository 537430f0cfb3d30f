//! Who lives in the house: people with several devices each, who listen, and writers, who are in every channel.

use std::sync::{Arc, Mutex};

use futures_util::StreamExt;
use tokio::task::JoinHandle;

use super::House;
use super::ear::Ear;
use super::listener::{Audience, Listener, MANNERS};
use super::poster::{Acknowledged, Desk, Poster};
use super::random::Random;
use crate::support::{Person, Server};

/// Requests that are under way at once while everybody moves in.
const AT_ONCE: usize = 8;

/// How many there are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crowd {
    pub(crate) channels: usize,
    /// Who listen, each in two channels if there are two.
    pub(crate) people: usize,
    /// Listeners of each person.
    pub(crate) devices: usize,
    pub(crate) writers: usize,
}

/// A channel.
pub(crate) struct Place {
    pub(crate) id: String,
    /// The newest post before anybody writes.
    newest: String,
}

pub(crate) struct Participants {
    pub(crate) places: Vec<Place>,
    pub(crate) people: Vec<Person>,
    pub(crate) writers: Vec<Person>,
    crowd: Crowd,
}

/// Listeners at work.
pub(crate) struct Listening {
    pub(crate) audience: Arc<Audience>,
    /// What each of them holds.
    pub(crate) ears: Vec<Arc<Mutex<Vec<Ear>>>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Participants {
    /// Makes the accounts and the channels.
    pub(crate) async fn of(house: &House, crowd: Crowd) -> Self {
        let server = house.server();
        let admin = server.sign_up("admin").await;
        let team = admin.makes_team("house").await;
        let people = sign_up(server, "person", crowd.people).await;
        let writers = sign_up(server, "writer", crowd.writers).await;
        at_once(people.iter().chain(&writers), |person| admin.brings_into_team(&team, person)).await;
        let mut places = Vec::new();
        for channel in 0..crowd.channels {
            let id = admin.makes_channel(&team, &format!("channel-{channel}")).await;
            let listens = |n: &usize| n % crowd.channels == channel || (n + 1) % crowd.channels == channel;
            let members = (0..people.len()).filter(listens).map(|n| &people[n]);
            at_once(members.chain(&writers), |person| admin.brings_into_channel(&id, person)).await;
            let newest = admin.reads_channel(&id).await["order"][0].as_str().unwrap().to_owned();
            places.push(Place { id, newest });
        }
        Self { places, people, writers, crowd }
    }

    /// Every person's devices connect, each beginning at another node.
    pub(crate) fn listens(&self, house: &House, seed: u64) -> Listening {
        let audience = Arc::new(Audience::default());
        let (mut ears, mut tasks) = (Vec::new(), Vec::new());
        for n in 0..self.people.len() * self.crowd.devices {
            let person = n / self.crowd.devices;
            let own = Arc::new(Mutex::new(self.ears(person)));
            ears.push(own.clone());
            let (doors, random) = (house.doors(&self.people[person]), Random::of(seed + n as u64));
            // Of those who begin at the same node, some do it in one manner and some in another.
            let manner = MANNERS[n / doors.len() % MANNERS.len()];
            let listener = Listener {
                doors,
                door: n,
                manner,
                place: None,
                ears: own,
                audience: audience.clone(),
                random,
            };
            tasks.push(listener.starts());
        }
        Listening { audience, ears, tasks }
    }

    fn ears(&self, person: usize) -> Vec<Ear> {
        let channels = self.places.iter().enumerate();
        let of = |n: usize| person % self.places.len() == n || (person + 1) % self.places.len() == n;
        channels.filter(|(n, _)| of(*n)).map(|(n, place)| Ear::of(n, &place.id, &place.newest)).collect()
    }

    /// The writers wait for orders.
    pub(crate) fn writes(
        &self,
        house: &House,
        desk: &Arc<Desk>,
        ballast: &str,
    ) -> Vec<JoinHandle<Vec<Acknowledged>>> {
        let channels: Vec<String> = self.places.iter().map(|place| place.id.clone()).collect();
        let poster = |(n, person)| Poster {
            number: n as u16,
            doors: house.doors(person),
            channels: channels.clone(),
            ballast: ballast.to_owned(),
        };
        self.writers.iter().enumerate().map(poster).map(|poster| poster.starts(desk.clone())).collect()
    }
}

impl Listening {
    /// Whether each of them is connected.
    pub(crate) fn everybody(&self) -> bool {
        self.audience.connected() == self.tasks.len()
    }

    /// Whether one has ended, which none may.
    pub(crate) fn anybody_gone(&self) -> bool {
        self.tasks.iter().any(JoinHandle::is_finished)
    }

    /// Whether each of them holds as many posts of its channels as `counts` says.
    pub(crate) fn is_level(&self, counts: &[usize]) -> bool {
        self.ears
            .iter()
            .all(|ears| ears.lock().unwrap().iter().all(|ear| ear.heard.len() >= counts[ear.channel]))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn sign_up(server: &Server, kind: &str, count: usize) -> Vec<Person> {
    let names: Vec<String> = (0..count).map(|n| format!("{kind}{n}")).collect();
    futures_util::stream::iter(&names).map(|name| server.sign_up(name)).buffered(AT_ONCE).collect().await
}

async fn at_once<'a, F: Future<Output = ()>>(
    people: impl Iterator<Item = &'a Person>,
    does: impl Fn(&'a Person) -> F,
) {
    futures_util::stream::iter(people).map(does).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

//! What a listener holds of one channel, and what it makes of what comes: each post once, in the channel's order.

use std::collections::HashSet;

use serde_json::Value;

use super::{Said, now};
use crate::support::{id, text};

/// A post that a listener holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard {
    pub(crate) said: Said,
    /// When it came, as [`now`] counts.
    pub(crate) at: u32,
}

/// What is wrong with what came, for people.
pub(crate) type Wrong = String;

/// One channel, as one listener knows it.
pub(crate) struct Ear {
    /// The index of the channel.
    pub(crate) channel: usize,
    /// Its identifier.
    pub(crate) id: String,
    /// Its topic, as events name it.
    pub(crate) topic: String,
    /// The number of the last event, by which a listener resumes; 0 before the first.
    pub(crate) position: u64,
    /// Whether the next event must be the one after the position: always but for the first of a connection on which
    /// posts are fetched again.
    pub(crate) follows: bool,
    /// The newest post, after which posts are fetched again.
    pub(crate) newest: String,
    /// All posts, by which one that was fetched and is heard too is known.
    known: HashSet<Said>,
    pub(crate) heard: Vec<Heard>,
}

impl Ear {
    /// Of a channel in which only `newest` was posted so far.
    pub(crate) fn of(channel: usize, id: &str, newest: &str) -> Self {
        Self {
            channel,
            id: id.to_owned(),
            topic: format!("c:{id}"),
            position: 0,
            follows: false,
            newest: newest.to_owned(),
            known: HashSet::new(),
            heard: Vec::new(),
        }
    }

    /// Takes an event of this channel as one who fetches: what was fetched before is dropped.
    pub(crate) fn hears(&mut self, event: &str) -> Result<(), Wrong> {
        let number = number_after(event, "\"topic_seq\":").unwrap_or_default();
        let expected = self.position + 1;
        if number < expected || (self.follows && number > expected) {
            return Err(format!("event {number} of {} where {expected} was expected", self.topic));
        }
        (self.position, self.follows) = (number, true);
        let Some(said) = posted(event) else { return Ok(()) };
        if let Some((_, rest)) = event.split_once(r#"\"id\":\""#) {
            self.newest = rest.chars().take_while(|c| *c != '\\').collect();
        }
        self.keeps(said);
        Ok(())
    }

    /// Takes an event as one who resumes: there is nothing to be dropped.
    pub(crate) fn hears_strictly(&mut self, event: &str) -> Result<(), Wrong> {
        let before = self.heard.len();
        self.hears(event)?;
        match posted(event) {
            Some(said) if self.heard.len() == before => Err(format!("{said:?} came twice")),
            _ => Ok(()),
        }
    }

    /// Takes a page of posts that were fetched, the newest first; whether there was anything.
    pub(crate) fn fetched(&mut self, page: &Value) -> bool {
        let order = page["order"].as_array().map(Vec::as_slice).unwrap_or_default();
        for post in order.iter().rev().filter_map(|id| page["posts"].get(id.as_str()?)) {
            self.newest = id(post);
            if let Some(said) = Said::within(&text(post, "message")) {
                self.keeps(said);
            }
        }
        !order.is_empty()
    }

    fn keeps(&mut self, said: Said) {
        if self.known.insert(said) {
            self.heard.push(Heard { said, at: now() });
        }
    }
}

fn posted(event: &str) -> Option<Said> {
    event.starts_with(r#"{"event":"posted""#).then(|| Said::within(event)).flatten()
}

/// The number that stands after a key.
pub(crate) fn number_after(text: &str, key: &str) -> Option<u64> {
    let (_, rest) = text.rsplit_once(key)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[test]
fn what_is_missing_or_comes_twice_is_noticed() {
    let event = |number: u64, post: u32| {
        let message = Said { writer: 3, number: post }.message();
        format!(
            r#"{{"event":"posted","data":{{"post":"{{\"id\":\"p{post}\",\"message\":\"{message}\"}}"}},"broadcast":{{"topic":"c:x","topic_seq":{number}}},"seq":9}}"#
        )
    };
    let mut ear = Ear::of(0, "x", "p0");
    ear.hears(&event(5, 1)).unwrap();
    ear.hears(&event(6, 2)).unwrap();
    assert_eq!((ear.position, ear.newest.as_str(), ear.heard.len()), (6, "p2", 2));
    ear.hears(&event(6, 2)).unwrap_err();
    ear.hears(&event(8, 3)).unwrap_err();
    ear.hears(&event(7, 2)).unwrap();
    assert_eq!(ear.heard.len(), 2, "one who fetches drops what it has");
    ear.hears_strictly(&event(8, 2)).unwrap_err();
    ear.follows = false;
    ear.hears(&event(20, 4)).unwrap();
    ear.hears(&event(19, 5)).unwrap_err();
}

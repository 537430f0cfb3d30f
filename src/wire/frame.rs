//! A frame: one event for one topic, encoded once at its origin. From here on it is passed on and never parsed; a
//! session adds its own `seq`, and nothing else.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{SessionId, Topic, UserId};

/// The effect of an event on subscriptions and connections, beside being shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Effect {
    /// No effect.
    #[default]
    None,
    /// On an account's topic: its connections subscribe to these topics, each after the number given.
    Subscribe(Vec<(Topic, u64)>),
    /// On a team's or channel's topic: after this event the account hears no more of it.
    Unsubscribe(UserId),
    /// On an account's topic: its connections are closed; only those of one session if one is named.
    Close(Option<SessionId>),
    /// On a channel's topic: earlier events were blanked in the log. Copies in memory are to be dropped.
    Erase,
}

/// The connections of an audience that an event is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AudienceFilter {
    /// All of them.
    #[default]
    Everybody,
    /// Connections with the channel on screen. Only for events without a number.
    Viewers,
    /// Accounts that are no guests: for events of a team or the organisation about people whom a guest may not know.
    Members,
    /// Guests, who get events about people whom they may know separately.
    Guests,
}

impl AudienceFilter {
    fn is_everybody(&self) -> bool {
        *self == Self::Everybody
    }
}

/// An encoded event on its way from the service that made it to the sockets that show it.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Its audience.
    pub topic: Topic,
    /// Its number in the topic's log; 0 for ephemeral events, which may be lost.
    pub seq: u64,
    /// The effect on subscriptions.
    pub effect: Effect,
    /// An account of the audience that does not get it, because it knows already or must not know.
    pub omit: Option<UserId>,
    /// The connections of the audience that it is for.
    pub filter: AudienceFilter,
    /// The JSON object without its closing brace; empty for a silent event.
    pub body: Arc<str>,
}

/// The part of a frame that the log keeps beside the body, as one line of JSON before it. The serialised names of its
/// fields are in the rows of existing logs and must not change.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Head {
    #[serde(rename = "seat", skip_serializing_if = "Vec::is_empty")]
    subscribe: Vec<(String, u64)>,
    #[serde(rename = "unseat", skip_serializing_if = "Option::is_none")]
    unsubscribe: Option<UserId>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    close: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<SessionId>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    erase: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    omit: Option<UserId>,
    #[serde(rename = "whom", skip_serializing_if = "AudienceFilter::is_everybody")]
    filter: AudienceFilter,
}

impl Frame {
    /// Bytes that it takes in memory, approximately.
    pub fn size(&self) -> usize {
        size_of::<Self>() + self.body.len()
    }

    /// The beginning of the row of an event that subscribes an account.
    pub const SUBSCRIBES: &str = "{\"seat\":";

    /// The beginning of the row of an event that ends all connections of an account.
    pub const ENDS: &str = "{\"close\":true}\n";

    /// Whether it shows a post's text, and so may have been blanked in the log since.
    pub fn shows_post(&self) -> bool {
        let begins =
            |name| self.body.strip_prefix("{\"event\":\"").is_some_and(|rest| rest.starts_with(name));
        self.seq > 0 && (begins("posted\"") || begins("post_edited\""))
    }

    /// The text that is kept in the log, and that travels between nodes: a head line (often empty), then the body.
    pub fn to_row(&self) -> String {
        let mut head = Head { omit: self.omit, filter: self.filter, ..Head::default() };
        match &self.effect {
            Effect::None if self.omit.is_none() && self.filter.is_everybody() => {
                return format!("\n{}", self.body);
            }
            Effect::None => {}
            Effect::Subscribe(topics) => {
                head.subscribe = topics.iter().map(|(t, after)| (t.to_string(), *after)).collect()
            }
            Effect::Unsubscribe(user) => head.unsubscribe = Some(*user),
            Effect::Close(session) => (head.close, head.session) = (true, *session),
            Effect::Erase => head.erase = true,
        }
        format!("{}\n{}", super::to_text(&head), self.body)
    }

    /// The frame that takes the place of an event whose row in the log cannot be read: nothing is shown, and what
    /// follows it has its turn.
    pub fn unreadable(topic: Topic, seq: u64) -> Self {
        let (effect, filter) = (Effect::None, AudienceFilter::Everybody);
        Self { topic, seq, effect, omit: None, filter, body: "".into() }
    }

    /// Whether the body is what it says to be: an object without its closing brace, or nothing.
    pub fn is_sound(&self) -> bool {
        let parsed = || serde_json::from_str::<serde::de::IgnoredAny>(&format!("{}}}", self.body));
        self.body.is_empty() || (self.body.starts_with('{') && parsed().is_ok())
    }

    /// The frame of a row of the log; `None` if the row was not written by [`Frame::to_row`].
    pub fn from_row(topic: Topic, seq: u64, row: &str) -> Option<Self> {
        let (head, body) = row.split_once('\n')?;
        let head: Head = if head.is_empty() { Head::default() } else { serde_json::from_str(head).ok()? };
        let (omit, filter) = (head.omit, head.filter);
        let effect = head.effect()?;
        Some(Self { topic, seq, effect, omit, filter, body: body.into() })
    }
}

impl Head {
    fn effect(self) -> Option<Effect> {
        if !self.subscribe.is_empty() {
            let topics = self.subscribe.iter().map(|(t, after)| Some((t.parse().ok()?, *after)));
            return topics.collect::<Option<Vec<_>>>().map(Effect::Subscribe);
        }
        Some(match self.unsubscribe {
            Some(user) => Effect::Unsubscribe(user),
            None if self.close => Effect::Close(self.session),
            None if self.erase => Effect::Erase,
            None => Effect::None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{ChannelId, TeamId};

    #[test]
    fn what_is_no_event_is_recognised() {
        let topic = Topic::Channel(ChannelId::new());
        for (row, sound) in [
            ("\n{\"event\":\"posted\",\"data\":{}", Some(true)),
            ("\n", Some(true)),
            ("\n{\"event\":\"pos", Some(false)),
            ("\nnonsense", Some(false)),
            ("\n\"text\"", Some(false)),
            ("{\"unseat\":\"nobody\"}\n{", None),
            ("{\"event\":\"posted\"}", None),
            ("", None),
        ] {
            assert_eq!(Frame::from_row(topic, 7, row).map(|frame| frame.is_sound()), sound, "{row:?}");
        }
        assert!(Frame::unreadable(topic, 7).is_sound());
    }

    #[test]
    fn every_effect_survives_the_log() {
        let topics = [Topic::Channel(ChannelId::new()), Topic::Team(TeamId::new())];
        let effects = [
            Effect::None,
            Effect::Subscribe(vec![(topics[0], 0), (topics[1], 7)]),
            Effect::Unsubscribe(UserId::new()),
            Effect::Close(Some(SessionId::new())),
            Effect::Close(None),
            Effect::Erase,
        ];
        for effect in effects {
            for omit in [None, Some(UserId::new())] {
                let filter = if omit.is_some() { AudienceFilter::Members } else { AudienceFilter::Everybody };
                let frame = Frame {
                    topic: topics[0],
                    seq: 3,
                    effect: effect.clone(),
                    omit,
                    filter,
                    body: "{\"a\":1".into(),
                };
                let subscribes = matches!(effect, Effect::Subscribe(_));
                assert_eq!(frame.to_row().starts_with(Frame::SUBSCRIBES), subscribes);
                let ends = effect == Effect::Close(None) && omit.is_none();
                assert_eq!(frame.to_row().starts_with(Frame::ENDS), ends);
                let back = Frame::from_row(topics[0], 3, &frame.to_row()).expect("a row of ours");
                assert_eq!((back.effect, back.omit, back.filter), (effect.clone(), omit, filter));
                assert_eq!(back.body, frame.body);
            }
        }
    }
}

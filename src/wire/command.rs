//! The requests of a client on its WebSocket, and the answers to them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{ChannelId, Topic, UserId, to_text};

/// The actions that an authenticated client may request on its socket.
pub const ACTIONS: &[&str] = &[
    "ping",
    "user_typing",
    "get_statuses",
    "get_statuses_by_ids",
    "user_update_active_status",
    "presence",
    "resume",
];

/// Accounts that one request may ask for.
const MAX_IDS: usize = 200;

/// Positions that one request may name. A client that holds more sends several requests.
const MAX_POSITIONS: usize = 200;

/// A message of a client: a number for the answer, an action, and its data.
#[derive(Debug, Deserialize)]
pub struct Request {
    /// Repeated in the answer; positive.
    #[serde(default)]
    pub seq: i64,
    /// The name of the action.
    #[serde(default)]
    pub action: String,
    /// The parameters of the action.
    #[serde(default)]
    pub data: Value,
}

/// A request that was parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Proves who the client is, with the token of a session.
    Authenticate {
        /// The token.
        token: String,
    },
    /// Asks for a pong.
    Ping,
    /// Tells which channel is on the screen, if any.
    Presence {
        /// The channel.
        channel: Option<ChannelId>,
    },
    /// Goes back to positions in the logs of topics.
    Resume {
        /// For each topic the number after which to continue.
        positions: BTreeMap<Topic, u64>,
    },
    /// One call to a service.
    Call(Call),
}

/// A command that is one call to a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// Announces that the caller is typing in a channel, or in a thread of it.
    Typing {
        /// The channel.
        channel: ChannelId,
        /// The thread's first post; empty in the channel itself.
        parent: String,
    },
    /// Asks for the statuses of all connected accounts.
    Statuses,
    /// Asks for the statuses of these accounts.
    StatusesOf(Vec<UserId>),
    /// Sets whether the caller is active.
    SetActive {
        /// True for active.
        active: bool,
        /// Whether they set it by hand.
        manual: bool,
    },
}

/// The reason why a request is no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotACommand {
    /// No action has this name.
    UnknownAction,
    /// The named field of the data is absent, of another type, or too long.
    Invalid(&'static str),
}

impl Request {
    /// Parses the request's action and data into a command.
    pub fn command(&self) -> Result<Command, NotACommand> {
        Ok(match self.action.as_str() {
            "authentication_challenge" => Command::Authenticate { token: self.text("token").to_owned() },
            "ping" => Command::Ping,
            // Clients name teams and threads too; only the channel matters, for the status changes to show.
            "presence" => Command::Presence { channel: self.text("channel_id").parse().ok() },
            "resume" => Command::Resume { positions: self.positions()? },
            "user_typing" => Command::Call(Call::Typing {
                channel: self.text("channel_id").parse().or(Err(NotACommand::Invalid("channel_id")))?,
                parent: self.text("parent_id").to_owned(),
            }),
            "get_statuses" => Command::Call(Call::Statuses),
            "get_statuses_by_ids" => Command::Call(Call::StatusesOf(self.user_ids()?)),
            "user_update_active_status" => Command::Call(Call::SetActive {
                active: self.flag("user_is_active").ok_or(NotACommand::Invalid("user_is_active"))?,
                manual: self.flag("manual").unwrap_or(false),
            }),
            _ => return Err(NotACommand::UnknownAction),
        })
    }

    /// The text under `key` of its data; empty if there is none.
    fn text(&self, key: &str) -> &str {
        self.data.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.data.get(key).and_then(Value::as_bool)
    }

    fn user_ids(&self) -> Result<Vec<UserId>, NotACommand> {
        let named = self.data.get("user_ids").and_then(Value::as_array);
        let ids = named.filter(|ids| ids.len() <= MAX_IDS).ok_or(NotACommand::Invalid("user_ids"))?;
        let id = |id: &Value| id.as_str()?.parse().ok();
        ids.iter().map(id).collect::<Option<_>>().ok_or(NotACommand::Invalid("user_ids"))
    }

    fn positions(&self) -> Result<BTreeMap<Topic, u64>, NotACommand> {
        let named = self.data.get("positions").and_then(Value::as_object);
        let named =
            named.filter(|named| named.len() <= MAX_POSITIONS).ok_or(NotACommand::Invalid("positions"))?;
        let position = |(topic, at): (&String, &Value)| Some((topic.parse().ok()?, at.as_u64()?));
        named.iter().map(position).collect::<Option<_>>().ok_or(NotACommand::Invalid("positions"))
    }
}

/// The answer to a request that succeeded.
pub fn ok(seq_reply: i64, data: Option<Value>) -> String {
    let mut reply = json!({"status": "OK", "seq_reply": seq_reply});
    if let (Some(data), Some(reply)) = (data, reply.as_object_mut()) {
        reply.insert("data".to_owned(), data);
    }
    to_text(&reply) + "\n"
}

/// The answer to a request that failed.
pub fn fail(seq_reply: i64, id: &str, message: &str, status_code: u16) -> String {
    to_text(&json!({
        "status": "FAIL",
        "seq_reply": seq_reply,
        "error": {"id": id, "message": message, "detailed_error": "", "status_code": status_code},
    })) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn understood(action: &str, data: Value) -> Result<Command, NotACommand> {
        Request { seq: 1, action: action.to_owned(), data }.command()
    }

    #[test]
    fn every_action_is_understood_or_names_the_field_that_it_lacks() {
        for action in ACTIONS {
            assert_ne!(understood(action, json!({})), Err(NotACommand::UnknownAction), "{action}");
        }
        assert_eq!(understood("dance", json!({})), Err(NotACommand::UnknownAction));
        assert_eq!(
            understood("presence", json!({"channel_id": "?"})),
            Ok(Command::Presence { channel: None })
        );
    }

    #[test]
    fn what_is_absent_of_another_type_or_too_long_is_named() {
        let many = |n: usize| vec![UserId::new().to_string(); n];
        let positions = |n: usize| {
            let topic = |_| (Topic::User(UserId::new()).to_string(), json!(1));
            (0..n).map(topic).collect::<serde_json::Map<_, _>>()
        };
        for (action, data, field) in [
            ("user_typing", json!({}), "channel_id"),
            ("user_typing", json!({"channel_id": 7}), "channel_id"),
            ("get_statuses_by_ids", json!({}), "user_ids"),
            ("get_statuses_by_ids", json!({"user_ids": [7]}), "user_ids"),
            ("get_statuses_by_ids", json!({"user_ids": many(MAX_IDS + 1)}), "user_ids"),
            ("user_update_active_status", json!({"user_is_active": "yes"}), "user_is_active"),
            ("resume", json!({"positions": [1]}), "positions"),
            ("resume", json!({"positions": {"c:?": 1}}), "positions"),
            ("resume", json!({"positions": positions(MAX_POSITIONS + 1)}), "positions"),
        ] {
            assert_eq!(understood(action, data), Err(NotACommand::Invalid(field)), "{action}");
        }
        assert!(understood("get_statuses_by_ids", json!({"user_ids": many(MAX_IDS)})).is_ok());
        assert!(understood("resume", json!({"positions": positions(MAX_POSITIONS)})).is_ok());
    }
}

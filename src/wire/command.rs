//! What a client says on its WebSocket, and what it is answered.

use serde::Deserialize;
use serde_json::{Value, json};

use super::to_text;

/// What a client may ask for on its socket, once it has proven who it is.
pub const ACTIONS: &[&str] = &[
    "ping",
    "user_typing",
    "get_statuses",
    "get_statuses_by_ids",
    "user_update_active_status",
    "presence",
    "resume",
];

/// A message of a client: a number for the answer, an action, its data.
#[derive(Debug, Deserialize)]
pub struct Request {
    /// Repeated in the answer; positive.
    #[serde(default)]
    pub seq: i64,
    /// What to do.
    #[serde(default)]
    pub action: String,
    /// With what.
    #[serde(default)]
    pub data: Value,
}

impl Request {
    /// The text under `key` of its data; empty where there is none.
    pub fn text(&self, key: &str) -> &str {
        self.data.get(key).and_then(Value::as_str).unwrap_or_default()
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

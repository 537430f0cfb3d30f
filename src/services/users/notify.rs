//! What notifies an account: each setting that there is, its values, and who reads it. What nobody would read is
//! refused by its name, so that nobody waits for what never comes; what official clients send with their defaults is
//! taken.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::services::texts::{LONGEST_KEYWORD, MOST_KEYWORDS, keys_of};
use crate::wire::StringMap;

/// Who acts on a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// This server.
    Server,
    /// The client, which reads it and decides by itself whom to disturb, and how.
    Client,
    /// Nobody here: the clients' pages show it only where the server says that it can do this, and send its default.
    Nobody,
}

/// What a setting may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Allowed {
    /// One of these.
    Of(&'static [&'static str]),
    /// A text of so many characters at most.
    Text(usize),
    /// Keywords with commas between.
    Keys,
}

use Allowed::{Keys, Of, Text};
use Reader::{Client, Nobody, Server};

const SWITCH: Allowed = Of(&["true", "false"]);
const AMOUNT: Allowed = Of(&["default", "all", "mention", "none"]);

/// The settings of an account.
pub(super) const SETTINGS: &[(&str, Allowed, Reader)] = &[
    ("mention_keys", Keys, Server),
    ("first_name", SWITCH, Server),
    ("channel", SWITCH, Server),
    ("comments", Of(&["any", "root", "never"]), Server),
    ("desktop", AMOUNT, Client),
    ("desktop_sound", SWITCH, Client),
    ("desktop_notification_sound", Text(64), Client),
    ("desktop_threads", AMOUNT, Client),
    ("highlight_keys", Keys, Client),
    ("calls_desktop_sound", SWITCH, Client),
    ("calls_notification_sound", Text(64), Client),
    ("calls_mobile_sound", Of(&["", "true", "false"]), Client),
    ("calls_mobile_notification_sound", Text(64), Client),
    // No mail and no push message tells of a post; official clients show neither where the configuration says so.
    ("email", SWITCH, Nobody),
    ("email_threads", AMOUNT, Nobody),
    ("push", AMOUNT, Nobody),
    ("push_status", Of(&["online", "away", "offline", "ooo", "dnd"]), Nobody),
    ("push_threads", AMOUNT, Nobody),
    ("auto_responder_active", Of(&["false"]), Nobody),
    ("auto_responder_message", Text(200), Nobody),
];

/// Refuses settings that do not exist and values that they cannot have, by name. What stood there before may stay.
pub(super) fn check(props: &StringMap, before: &Value) -> Result<()> {
    for (key, value) in props {
        let known = SETTINGS.iter().find(|(name, _, _)| name == key);
        let fits = known.is_some_and(|(_, allowed, _)| allowed.takes(value));
        let stays = before.get(key).and_then(Value::as_str) == Some(value);
        if !fits && !stays {
            return Err(Error::body(&format!("notify_props.{key}")));
        }
    }
    Ok(())
}

impl Allowed {
    fn takes(self, value: &str) -> bool {
        match self {
            Of(values) => values.contains(&value),
            Text(most) => value.chars().count() <= most,
            Keys => {
                keys_of(value).count() <= MOST_KEYWORDS
                    && keys_of(value).all(|key| key.chars().count() <= LONGEST_KEYWORD)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::users::create::NOTIFY;

    fn props(key: &str, value: &str) -> StringMap {
        [(key.to_owned(), value.to_owned())].into_iter().collect()
    }

    #[test]
    fn the_defaults_are_settings() {
        for (key, value) in NOTIFY {
            assert!(check(&props(key, value), &Value::Null).is_ok(), "{key}");
        }
    }

    #[test]
    fn what_nobody_reads_is_refused_by_name() {
        let many = (0..51).map(|n| format!("k{n},")).collect::<String>();
        let long = "x".repeat(65);
        for (key, value) in [
            ("weather", "true"),
            ("auto_responder_active", "true"),
            ("first_name", "yes"),
            ("comments", "all"),
            ("mention_keys", many.as_str()),
            ("mention_keys", long.as_str()),
        ] {
            let refused = check(&props(key, value), &Value::Null).expect_err("refused");
            assert!(refused.to_string().contains(key) || format!("{refused:?}").contains(key), "{key}");
        }
        assert!(
            check(&props("weather", "true"), &serde_json::json!({"weather": "true"})).is_ok(),
            "it stays"
        );
    }
}

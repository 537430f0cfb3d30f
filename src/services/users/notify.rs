//! The notification settings of an account: each setting, its values, and who acts on it. A setting that nobody acts on
//! is refused by name, so that nobody relies on it; the defaults that official clients send along are accepted.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::services::platform::texts::{LONGEST_KEYWORD, MOST_KEYWORDS, keys_of};
use crate::wire::StringMap;

/// The side that acts on a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// This server.
    Server,
    /// The client, which decides by itself when and how to notify.
    Client,
    /// Nobody: official clients show it only if the server announces the feature, but send its default.
    Nobody,
}

/// The values that a setting may have.
#[derive(Debug, Clone, Copy)]
pub(super) enum Allowed {
    /// One of these.
    Of(&'static [&'static str]),
    /// A text of at most this many characters.
    Text(usize),
    /// Keywords, separated by commas.
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
    // The server sends no mail or push message for a post; its configuration makes official clients hide these.
    ("email", SWITCH, Nobody),
    ("email_threads", AMOUNT, Nobody),
    ("push", AMOUNT, Nobody),
    ("push_status", Of(&["online", "away", "offline", "ooo", "dnd"]), Nobody),
    ("push_threads", AMOUNT, Nobody),
    ("auto_responder_active", Of(&["false"]), Nobody),
    ("auto_responder_message", Text(200), Nobody),
];

/// Refuses unknown settings and invalid values, by name. A value that is stored already may stay.
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

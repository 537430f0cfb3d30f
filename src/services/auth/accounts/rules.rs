//! Validation of the texts of an account. Lengths are in characters.

use crate::error::{Error, Result};
use crate::services::platform::texts::is_title;
use crate::wire::StringMap;

/// The `auth_service` of accounts that log in through the OpenID provider; it is empty where a password is used.
pub(crate) const OPENID: &str = "openid";

/// Names that address everybody or the server itself.
const RESERVED: [&str; 5] = ["all", "channel", "here", "matterbot", "system"];

/// Validates a user name and lowercases it: begins with a letter, at most 64 of `a-z 0-9 . - _`.
pub(crate) fn username(text: &str) -> Result<String> {
    let name = text.trim().to_lowercase();
    let begins = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let fits = name.len() <= 64
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b));
    if begins && fits && !RESERVED.contains(&name.as_str()) {
        return Ok(name);
    }
    Err(Error::invalid(
        "model.user.is_valid.username.app_error",
        "A username begins with a letter and has at most 64 characters: lowercase letters, digits, \".\", \"-\" and \"_\". \
         Words that address everybody, such as \"all\", are taken.",
    ))
}

/// Validates an address and lowercases it: a local part, an at sign, a host; at most 128 characters.
pub(crate) fn email(text: &str) -> Result<String> {
    let address = text.trim().to_lowercase();
    let parts = address.split_once('@');
    let whole = parts.is_some_and(|(local, host)| {
        !local.is_empty()
            && !host.is_empty()
            && !host.contains('@')
            && !host.starts_with('.')
            && !host.ends_with('.')
    });
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c);
    if whole && address.chars().count() <= 128 && !address.contains(odd) {
        return Ok(address);
    }
    Err(Error::invalid("model.user.is_valid.email.app_error", "Invalid email."))
}

/// Validates a nickname.
pub(crate) fn nickname(text: String) -> Result<String> {
    bounded(text, 64, "model.user.is_valid.nickname.app_error", "nickname")
}

/// Validates a given name.
pub(crate) fn first_name(text: String) -> Result<String> {
    bounded(text, 64, "model.user.is_valid.first_name.app_error", "first name")
}

/// Validates a family name.
pub(crate) fn last_name(text: String) -> Result<String> {
    bounded(text, 64, "model.user.is_valid.last_name.app_error", "last name")
}

/// Validates a job title.
pub(crate) fn position(text: String) -> Result<String> {
    bounded(text, 128, "model.user.is_valid.position.app_error", "position")
}

/// Validates a language tag such as `de` or `pt-BR`; English if it is empty.
pub(crate) fn locale(text: String) -> Result<String> {
    if text.is_empty() {
        return Ok("en".to_owned());
    }
    let tag = text.len() <= 16 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if tag {
        Ok(text)
    } else {
        Err(Error::invalid("model.user.is_valid.locale.app_error", "Invalid locale."))
    }
}

/// Validates a map of strings whose keys and values have at most `limit` characters in all; `field` is its name in the
/// error.
pub(crate) fn map(map: StringMap, limit: usize, field: &str) -> Result<StringMap> {
    let size: usize = map.iter().map(|(k, v)| k.chars().count() + v.chars().count()).sum();
    if size <= limit { Ok(map) } else { Err(Error::body(field)) }
}

fn bounded(text: String, limit: usize, id: &'static str, what: &str) -> Result<String> {
    if text.chars().count() <= limit && is_title(&text) {
        return Ok(text);
    }
    Err(Error::invalid(id, format!("Invalid {what}: must be one line of at most {limit} characters.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_are_lowered_and_begin_with_a_letter() {
        assert_eq!(username("Ann.B-c_9").expect("a good name"), "ann.b-c_9");
        for bad in ["", "Bad Name!", "9lives", ".ann", "zoë", "all", "Here", &"x".repeat(65)] {
            assert!(username(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_have_two_sides() {
        assert_eq!(email("Ann@Example.COM").expect("a good address"), "ann@example.com");
        assert!(email("bot@localhost").is_ok());
        let long = format!("{}@example.com", "x".repeat(128));
        for bad in ["", "nonsense", "@x", "x@", "a@b@c", "a b@c", "<a@b>", long.as_str()] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn lengths_are_characters() {
        assert!(nickname("ü".repeat(64)).is_ok());
        assert!(nickname("ü".repeat(65)).is_err());
        assert_eq!(locale(String::new()).expect("the default"), "en");
        assert!(locale("d e".into()).is_err());
        assert!(map(StringMap::from([("k".into(), "vv".into())]), 2, "props").is_err());
    }
}

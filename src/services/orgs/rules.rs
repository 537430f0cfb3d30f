//! Validation of an organisation's fields. Errors name the field.

use std::collections::BTreeSet;

use crate::error::{Error, Result};
use crate::services::platform::addresses::{SignUp, is_slug};
use crate::services::platform::texts::is_title;

/// Characters of a name at most.
const MAX_NAME: usize = 64;

/// Host names of an organisation at most; the same for its email domains.
const MAX_DOMAINS: usize = 50;

/// Days of retention at most: a hundred years.
const MAX_DAYS: i32 = 36_500;

/// Bytes of one file at most: ten thousand parts of an object, of 5 MiB each.
const MAX_FILE: i64 = 50 << 30;

pub(crate) fn slug(text: &str) -> Result<String> {
    if is_slug(text) { Ok(text.to_owned()) } else { Err(Error::body("slug")) }
}

pub(crate) fn name(text: &str) -> Result<String> {
    let text = text.trim();
    let good = !text.is_empty() && text.chars().count() <= MAX_NAME && is_title(text);
    if good { Ok(text.to_owned()) } else { Err(Error::body("name")) }
}

pub(crate) fn sign_up(text: &str) -> Result<&'static str> {
    SignUp::of(text).map(SignUp::name).ok_or_else(|| Error::body("sign_up_policy"))
}

/// Validates domain names, lowercases them and removes duplicates; `field` is named in the error.
pub(crate) fn domains(texts: &[String], field: &str) -> Result<Vec<String>> {
    let names: BTreeSet<String> = texts.iter().map(|t| t.trim().to_lowercase()).collect();
    if texts.len() > MAX_DOMAINS || !names.iter().all(|name| is_domain(name)) {
        return Err(Error::body(field));
    }
    Ok(names.into_iter().collect())
}

pub(crate) fn limit(number: i64, field: &str) -> Result<i64> {
    if number >= 0 { Ok(number) } else { Err(Error::body(field)) }
}

/// Validates the bytes that one file may have.
pub(crate) fn file_size(number: i64) -> Result<i64> {
    if (0..=MAX_FILE).contains(&number) { Ok(number) } else { Err(Error::body("max_file_bytes")) }
}

pub(crate) fn days(number: i32) -> Result<i32> {
    if (0..=MAX_DAYS).contains(&number) { Ok(number) } else { Err(Error::body("retention_days")) }
}

/// Whether the text is a host name: labels of letters, digits and hyphens; international ones in their `xn--` form.
fn is_domain(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let label = |l: &str| {
        let ends = l.bytes().next().is_some_and(plain) && l.bytes().last().is_some_and(plain);
        l.len() <= 63 && ends && l.bytes().all(|b| plain(b) || b == b'-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_host_names() {
        let list =
            |texts: &[&str]| domains(&texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>(), "domains");
        assert_eq!(
            list(&["B.example", " a.example", "b.EXAMPLE"]).ok(),
            Some(vec!["a.example".into(), "b.example".into()])
        );
        for bad in ["", "a..b", "a b", "-a.b", "a.b-", "http://a.b", "a.b:80", "a.b/c", "é.b", "a_b.c"] {
            assert!(list(&[bad]).is_err(), "{bad}");
        }
        let many: Vec<String> = (0..51).map(|i| format!("d{i}.example")).collect();
        assert!(domains(&many, "domains").is_err());
    }
}

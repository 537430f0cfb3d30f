//! What the stories are told with. A [`Server`] is the real program on a database of its own; a [`Person`] is
//! somebody with an account on it; a [`Socket`] is what they hear. A `Proxy` is a link that can be cut.

pub(crate) mod cluster;
pub(crate) mod faults;
pub(crate) mod form;
pub(crate) mod held;
pub(crate) mod person;
pub(crate) mod post;
pub(crate) mod process;
pub(crate) mod provider;
pub(crate) mod proxy;
pub(crate) mod redis;
pub(crate) mod s3;
pub(crate) mod server;
pub(crate) mod site;
pub(crate) mod socket;
pub(crate) mod totp;

use std::time::Duration;

use serde_json::Value;

pub(crate) use person::{Answer, Person, moves_in, visitor};
pub(crate) use server::Server;
pub(crate) use socket::Socket;

/// The password of everybody.
pub(crate) const PASSWORD: &str = "Sw0rdfish!x9";

/// What the first account of a server's default organisation is made with, where it has to be.
pub(crate) const SETUP_SECRET: &str = "the-setup-secret-of-the-tests";

/// How long anything that must happen may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);

/// What an identifier looks like that nobody has.
pub(crate) const NOBODY: &str = "abcdefghijkmnopqrstuvwxyza";

/// The text under a key.
#[track_caller]
pub(crate) fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_else(|| panic!("no text {key} in {value}")).to_owned()
}

/// The number under a key.
#[track_caller]
pub(crate) fn number(value: &Value, key: &str) -> i64 {
    value[key].as_i64().unwrap_or_else(|| panic!("no number {key} in {value}"))
}

/// The identifier of an object.
#[track_caller]
pub(crate) fn id(value: &Value) -> String {
    text(value, "id")
}

/// The texts under a key of every object of a list.
#[track_caller]
pub(crate) fn each(list: &Value, key: &str) -> Vec<String> {
    list.as_array().unwrap_or_else(|| panic!("no list: {list}")).iter().map(|item| text(item, key)).collect()
}

/// An object that travels as JSON in a string.
#[track_caller]
pub(crate) fn inner(event: &Value, key: &str) -> Value {
    serde_json::from_str(&text(&event["data"], key)).unwrap()
}

/// Asks again until the answer is as it must become.
pub(crate) async fn eventually<F: Future<Output = bool>>(
    what: &str,
    within: Duration,
    holds: impl Fn() -> F,
) {
    let deadline = tokio::time::Instant::now() + within;
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

//! A request with the conditions on its answer, and the answer.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Method, Url};

/// The request, and the conditions on the answer.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    /// The address.
    pub url: &'a str,
    /// The method; redirects are followed for GET alone.
    pub method: Method,
    /// Headers beside the client's own.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// Whether a media type is wanted; asked before the body is read.
    pub wanted: fn(&str) -> bool,
    /// The most bytes of the body.
    pub most_bytes: usize,
    /// The treatment of a longer body.
    pub longer: Longer,
    /// The longest time for all of it.
    pub time: Duration,
}

/// The treatment of a body that is longer than wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Longer {
    /// The beginning of the body is kept.
    Cut,
    /// The body is refused.
    Refuse,
}

impl<'a> Call<'a> {
    /// A GET of `url`.
    pub fn get(url: &'a str, accept: &'static str) -> Self {
        Self {
            url,
            method: Method::GET,
            headers: HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]),
            body: Bytes::new(),
            wanted: |_| true,
            most_bytes: 1 << 20,
            longer: Longer::Refuse,
            time: Duration::from_secs(10),
        }
    }
}

/// The answer to a call.
#[derive(Debug)]
pub struct Fetched {
    /// The address that answered, after redirects.
    pub url: Url,
    /// The status.
    pub status: u16,
    /// The media type and its parameters, as declared.
    pub content_type: String,
    /// The body, or its beginning.
    pub body: Bytes,
}

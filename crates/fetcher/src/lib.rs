//! An HTTP client for addresses that strangers name, with one guard in front.
//!
//! Only `http` and `https`, only allowed ports, only public addresses, checked on the very address that is connected
//! to, and again for every redirect. No proxy of the environment, no cookies, no credentials, no referrer, no
//! decompression. Everything has a limit: redirects, time, bytes, and the number of fetches at a time. What
//! an operator configures (a storage, a mail server) needs no guard and is not called through this.
//!
//! There is deliberately no parsing of pages and pictures here, no cache, and no knowledge of who asks: an answer is a
//! status, a declared type and bytes.

mod address;
mod call;
mod client;
mod error;
mod guard;
mod resolver;

#[cfg(test)]
mod tests;

pub use call::{Call, Fetched, Longer};
pub use client::{Fetcher, Options};
pub use error::{FetchError, OptionsError};
pub use guard::Guard;
pub use reqwest::header::HeaderMap;
pub use reqwest::{Method, Url};
pub use resolver::{Addresses, Lookup};

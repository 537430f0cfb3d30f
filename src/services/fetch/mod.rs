//! Fetches addresses that people name: link previews, pictures of other sites, and the targets of future hooks and
//! commands. One client for all of it, with one guard in front.
//!
//! Only `http` and `https`, only allowed ports, only public addresses, checked on the very address that is connected
//! to, and again for every redirect. No proxy of the environment, no cookies, no credentials, no referrer, no
//! decompression. Everything has a limit: redirects, time, bytes, and the number of fetches at a time. Services that
//! the operator configures (storage, mail, sign-in) are not called through this module.

mod address;
mod guard;
mod network;
mod resolver;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, Url};
use tokio::sync::Semaphore;

use crate::config;
use crate::error::{Error, Result};
pub use guard::Guard;
use resolver::{Filtered, Lookup, System};

/// The most redirects that are followed.
const REDIRECTS: usize = 3;

/// The longest time to open a connection.
const CONNECT: Duration = Duration::from_secs(4);

/// The most fetches at a time on this node.
const AT_ONCE: usize = 32;

/// The `User-Agent` of the server.
const AGENT: &str = concat!("rustchat/", env!("CARGO_PKG_VERSION"));

/// The reason why a fetch failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfetched {
    /// The address may not be called, for this reason.
    #[error("the address may not be called: {0}")]
    Refused(&'static str),
    /// The site does not answer, or not properly.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The answer is of an unwanted status, type or size.
    #[error("not what was asked for: {0}")]
    Unwanted(&'static str),
    /// The fetch took too long.
    #[error("it took too long")]
    Slow,
    /// Too many fetches are running.
    #[error("too much is being fetched")]
    Busy,
}

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

/// The guarded client. Cheap to clone.
#[derive(Clone)]
pub struct Fetcher {
    inner: Arc<Inner>,
}

struct Inner {
    /// The client, or the reason why there is none: no certificates on this machine, for example.
    client: std::result::Result<Client, String>,
    guard: Arc<Guard>,
    turns: Semaphore,
}

impl Fetcher {
    /// A client with the limits of the settings. Fails if a port or a network in them is invalid.
    pub fn new(settings: &config::Fetch) -> Result<Self> {
        let guard = Guard::new(&settings.ports, &settings.inner_networks).map_err(Error::internal)?;
        Ok(Self::with(guard, Arc::new(System)))
    }

    fn with(guard: Guard, lookup: Arc<dyn Lookup>) -> Self {
        let guard = Arc::new(guard);
        let client = Client::builder()
            .dns_resolver(Arc::new(Filtered { lookup, guard: guard.clone() }))
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            .user_agent(AGENT)
            .connect_timeout(CONNECT)
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|e| e.to_string());
        Self { inner: Arc::new(Inner { client, guard, turns: Semaphore::new(AT_ONCE) }) }
    }

    /// Parses an address; an error if it may not be called, as far as that is known without resolving its name.
    pub fn check(&self, url: &str) -> std::result::Result<Url, Unfetched> {
        self.inner.guard.read(url)
    }

    /// Sends the request, follows redirects, and reads the answer, all within the call's time.
    pub async fn call(&self, call: Call<'_>) -> std::result::Result<Fetched, Unfetched> {
        let time = call.time;
        let calling = async {
            let _turn = self.inner.turns.acquire().await.map_err(|_closed| Unfetched::Busy)?;
            self.follow(call).await
        };
        tokio::time::timeout(time, calling).await.map_err(|_elapsed| Unfetched::Slow)?
    }

    async fn follow(&self, call: Call<'_>) -> std::result::Result<Fetched, Unfetched> {
        let mut url = self.inner.guard.read(call.url)?;
        for _ in 0..=REDIRECTS {
            let response = self.send(&call, url.clone()).await?;
            match next(&response, &call, &url)? {
                Some(to) => url = self.inner.guard.follow(&url, &to)?,
                None => return read(response, &call, url).await,
            }
        }
        Err(Unfetched::Unwanted("too many redirects"))
    }

    async fn send(&self, call: &Call<'_>, url: Url) -> std::result::Result<Response, Unfetched> {
        let client = self.inner.client.as_ref().map_err(|e| Unfetched::NoAnswer(e.clone()))?;
        let request = client.request(call.method.clone(), url).headers(call.headers.clone());
        let sent = request.body(call.body.clone()).send().await;
        let response = sent.map_err(|e| Unfetched::NoAnswer(e.without_url().to_string()))?;
        // Checked once more, for the address that answered: however it was chosen, it must be allowed.
        match response.remote_addr() {
            Some(peer) if !self.inner.guard.allows(peer.ip()) => {
                Err(Unfetched::Refused("not a public address"))
            }
            Some(_) | None => Ok(response),
        }
    }
}

/// The target of a redirect, if the answer is one.
fn next(response: &Response, call: &Call<'_>, at: &Url) -> std::result::Result<Option<String>, Unfetched> {
    if !response.status().is_redirection() || call.method != Method::GET {
        return Ok(None);
    }
    let location = response.headers().get(LOCATION).and_then(|v| v.to_str().ok());
    let to = location.and_then(|location| at.join(location).ok());
    to.map(|to| Some(String::from(to))).ok_or(Unfetched::Unwanted("a redirect that leads nowhere"))
}

/// Reads the body as it arrives, and no more of it than is wanted.
async fn read(mut response: Response, call: &Call<'_>, url: Url) -> std::result::Result<Fetched, Unfetched> {
    let header = |name| response.headers().get(name).and_then(|v: &HeaderValue| v.to_str().ok());
    let content_type = header(CONTENT_TYPE).unwrap_or_default().to_owned();
    if header(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Unfetched::Unwanted("compressed, which was not asked for"));
    }
    if !(call.wanted)(&content_type) {
        return Err(Unfetched::Unwanted("another type"));
    }
    let told = response.content_length().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    if told > call.most_bytes && call.longer == Longer::Refuse {
        return Err(Unfetched::Unwanted("too long"));
    }
    let status = response.status().as_u16();
    let mut body = BytesMut::with_capacity(told.min(call.most_bytes).min(1 << 20));
    while body.len() < call.most_bytes.saturating_add(1) {
        let Some(chunk) = response.chunk().await.map_err(broken)? else { break };
        body.extend_from_slice(&chunk);
    }
    if body.len() > call.most_bytes && call.longer == Longer::Refuse {
        return Err(Unfetched::Unwanted("too long"));
    }
    body.truncate(call.most_bytes);
    Ok(Fetched { url, status, content_type, body: body.freeze() })
}

fn broken(error: reqwest::Error) -> Unfetched {
    Unfetched::NoAnswer(error.without_url().to_string())
}

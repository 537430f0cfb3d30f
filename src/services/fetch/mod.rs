//! Whatever the server fetches because a person named an address: link previews, pictures of other sites, and what
//! hooks and commands will call. One client for all of it, with one guard in front.
//!
//! Only `http` and `https`, only allowed ports, only public addresses, checked on the very address that is connected
//! to, for every redirect again. No proxy of the environment, no cookies, no credentials, no referrer, no
//! decompression. Everything has a bound: redirects, time, bytes, and how many are fetched at a time. What an operator
//! sets (storage, mail, sign-in) is not fetched here.

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

/// Redirects that are followed.
const REDIRECTS: usize = 3;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(4);

/// What is fetched at a time on this node.
const AT_ONCE: usize = 32;

/// What the server calls itself.
const AGENT: &str = concat!("rustchat/", env!("CARGO_PKG_VERSION"));

/// Why nothing was fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfetched {
    /// The address may not be called: what is wrong with it.
    #[error("the address may not be called: {0}")]
    Refused(&'static str),
    /// Nobody answers there, or not properly.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// An answer that is not wanted: its status, its type, its size.
    #[error("not what was asked for: {0}")]
    Unwanted(&'static str),
    /// It took too long.
    #[error("it took too long")]
    Slow,
    /// Too much is being fetched.
    #[error("too much is being fetched")]
    Busy,
}

/// What to call, and what is wanted of the answer.
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
    /// Which media types are wanted; asked before the body is read.
    pub wanted: fn(&str) -> bool,
    /// Bytes of the body at most.
    pub most_bytes: usize,
    /// What to do with a longer body.
    pub longer: Longer,
    /// How long all of it may take.
    pub time: Duration,
}

/// What is done with a body that is longer than wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Longer {
    /// Its beginning is enough.
    Cut,
    /// It is refused.
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

/// An answer.
#[derive(Debug)]
pub struct Fetched {
    /// Where it came from, after redirects.
    pub url: Url,
    /// The status.
    pub status: u16,
    /// The media type and its parameters, as told.
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
    /// Or why there is none: no certificates on this machine, for example.
    client: std::result::Result<Client, String>,
    guard: Arc<Guard>,
    turns: Semaphore,
}

impl Fetcher {
    /// A client that keeps to the settings. Errors: a port or a network that is none.
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

    /// Whether an address may be called at all, as far as it can be seen without asking for its name.
    pub fn check(&self, url: &str) -> std::result::Result<Url, Unfetched> {
        self.inner.guard.read(url)
    }

    /// Calls, follows redirects, and reads the answer, all in the time that is given.
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
        // Once more, of the address that answered: whatever chose it, it must be allowed.
        match response.remote_addr() {
            Some(peer) if !self.inner.guard.allows(peer.ip()) => {
                Err(Unfetched::Refused("not a public address"))
            }
            Some(_) | None => Ok(response),
        }
    }
}

/// Where a redirect leads, if it is one.
fn next(response: &Response, call: &Call<'_>, at: &Url) -> std::result::Result<Option<String>, Unfetched> {
    if !response.status().is_redirection() || call.method != Method::GET {
        return Ok(None);
    }
    let location = response.headers().get(LOCATION).and_then(|v| v.to_str().ok());
    let to = location.and_then(|location| at.join(location).ok());
    to.map(|to| Some(String::from(to))).ok_or(Unfetched::Unwanted("a redirect that leads nowhere"))
}

/// Reads the body as it comes, and no more of it than is wanted.
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

//! The guarded client: sends a request, follows redirects, reads the answer up to its bound.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, Url};
use tokio::sync::Semaphore;

use super::resolver::{Filtered, Lookup, System};
use super::{Call, FetchError, Fetched, Guard, Longer, OptionsError};

/// The most redirects that are followed.
const REDIRECTS: usize = 3;

/// The longest time to open a connection.
const CONNECT: Duration = Duration::from_secs(4);

/// The most fetches of a client at a time.
const AT_ONCE: usize = 32;

/// The options of a [`Fetcher`].
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// The `User-Agent` that sites see.
    pub agent: &'a str,
    /// The allowed ports, separated by commas; empty for any.
    pub ports: &'a str,
    /// The networks that may be called although they are not public, separated by commas: `10.0.0.0/8`, `fd00::/8`, or
    /// a single address.
    pub inner_networks: &'a str,
}

/// The guarded client. Cheap to clone.
#[derive(Clone)]
pub struct Fetcher {
    inner: Arc<Inner>,
}

struct Inner {
    /// The client, or the reason why there is none: no certificates on this machine, for example.
    client: Result<Client, String>,
    guard: Arc<Guard>,
    turns: Semaphore,
}

impl Fetcher {
    /// A client that asks the system for the addresses of names. Fails if a port or a network is invalid.
    pub fn new(options: &Options<'_>) -> Result<Self, OptionsError> {
        Self::with_lookup(options, Arc::new(System))
    }

    /// A client that asks `lookup` for the addresses of names.
    pub fn with_lookup(options: &Options<'_>, lookup: Arc<dyn Lookup>) -> Result<Self, OptionsError> {
        let guard = Guard::new(options.ports, options.inner_networks)?;
        Ok(Self::with(guard, options.agent, lookup))
    }

    fn with(guard: Guard, agent: &str, lookup: Arc<dyn Lookup>) -> Self {
        let guard = Arc::new(guard);
        let client = Client::builder()
            .dns_resolver(Arc::new(Filtered { lookup, guard: guard.clone() }))
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            .user_agent(agent)
            .connect_timeout(CONNECT)
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|e| e.to_string());
        Self { inner: Arc::new(Inner { client, guard, turns: Semaphore::new(AT_ONCE) }) }
    }

    /// Parses an address; an error if it may not be called, as far as that is known without resolving its name.
    pub fn check(&self, url: &str) -> Result<Url, FetchError> {
        self.inner.guard.read(url)
    }

    /// Sends the request, follows redirects, and reads the answer, all within the call's time.
    pub async fn call(&self, call: Call<'_>) -> Result<Fetched, FetchError> {
        let time = call.time;
        let calling = async {
            let _turn = self.inner.turns.acquire().await.map_err(|_closed| FetchError::Busy)?;
            self.follow(call).await
        };
        tokio::time::timeout(time, calling).await.map_err(|_elapsed| FetchError::Slow)?
    }

    async fn follow(&self, call: Call<'_>) -> Result<Fetched, FetchError> {
        let mut url = self.inner.guard.read(call.url)?;
        for _ in 0..=REDIRECTS {
            let response = self.send(&call, url.clone()).await?;
            match next(&response, &call, &url)? {
                Some(to) => url = self.inner.guard.follow(&url, &to)?,
                None => return read(response, &call, url).await,
            }
        }
        Err(FetchError::Unwanted("too many redirects"))
    }

    async fn send(&self, call: &Call<'_>, url: Url) -> Result<Response, FetchError> {
        let client = self.inner.client.as_ref().map_err(|e| FetchError::NoAnswer(e.clone()))?;
        let request = client.request(call.method.clone(), url).headers(call.headers.clone());
        let sent = request.body(call.body.clone()).send().await;
        let response = sent.map_err(|e| FetchError::NoAnswer(e.without_url().to_string()))?;
        // Checked once more, for the address that answered: however it was chosen, it must be allowed.
        match response.remote_addr() {
            Some(peer) if !self.inner.guard.allows(peer.ip()) => {
                Err(FetchError::Refused("not a public address"))
            }
            Some(_) | None => Ok(response),
        }
    }
}

/// The target of a redirect, if the answer is one.
fn next(response: &Response, call: &Call<'_>, at: &Url) -> Result<Option<String>, FetchError> {
    if !response.status().is_redirection() || call.method != Method::GET {
        return Ok(None);
    }
    let location = response.headers().get(LOCATION).and_then(|v| v.to_str().ok());
    let to = location.and_then(|location| at.join(location).ok());
    to.map(|to| Some(String::from(to))).ok_or(FetchError::Unwanted("a redirect that leads nowhere"))
}

/// Reads the body as it arrives, and no more of it than is wanted.
async fn read(mut response: Response, call: &Call<'_>, url: Url) -> Result<Fetched, FetchError> {
    let header = |name| response.headers().get(name).and_then(|v: &HeaderValue| v.to_str().ok());
    let content_type = header(CONTENT_TYPE).unwrap_or_default().to_owned();
    if header(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(FetchError::Unwanted("compressed, which was not asked for"));
    }
    if !(call.wanted)(&content_type) {
        return Err(FetchError::Unwanted("another type"));
    }
    let told = response.content_length().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    if told > call.most_bytes && call.longer == Longer::Refuse {
        return Err(FetchError::Unwanted("too long"));
    }
    let status = response.status().as_u16();
    let mut body = BytesMut::with_capacity(told.min(call.most_bytes).min(1 << 20));
    while body.len() < call.most_bytes.saturating_add(1) {
        let Some(chunk) = response.chunk().await.map_err(broken)? else { break };
        body.extend_from_slice(&chunk);
    }
    if body.len() > call.most_bytes && call.longer == Longer::Refuse {
        return Err(FetchError::Unwanted("too long"));
    }
    body.truncate(call.most_bytes);
    Ok(Fetched { url, status, content_type, body: body.freeze() })
}

fn broken(error: reqwest::Error) -> FetchError {
    FetchError::NoAnswer(error.without_url().to_string())
}

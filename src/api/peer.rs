//! The origin of a request: its client's address, whether it was encrypted on the way, and the host that it names.
//! Behind a proxy these are taken from the proxy's headers; only proxies that the settings name are believed, since
//! anybody can write a header.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName};

use super::app_core::AppCore;
use crate::services::auth::{Client, is_loopback};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Other headers by which proxies name their client.
const PROXIES: &[&str] = &[
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "x-original-host",
];

/// The most characters of a `User-Agent` that are kept.
const MAX_AGENT: usize = 512;

/// The most proxies in a row that are believed.
const MAX_HOPS: usize = 16;

/// The other side of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The client's address.
    pub address: Option<IpAddr>,
    /// Whether the client speaks TLS.
    pub is_https: bool,
    /// The host that the request names, with a port if there is one.
    pub host: String,
}

impl Peer {
    /// The peer of a request.
    pub fn of(req: &HttpRequest) -> Self {
        let networks = req.app_data::<AppCore>().map(|core| &core.settings.server.trusted_proxies);
        let direct = req.peer_addr().map(|a| a.ip().to_canonical());
        let trusted = direct.zip(networks).filter(|(direct, networks)| networks.contain(*direct));
        let named = req.headers().get(header::HOST).and_then(|v| v.to_str().ok());
        // HTTP/2 has no header of this name.
        let named = named.or_else(|| req.uri().authority().map(|a| a.as_str())).unwrap_or_default();
        let Some((direct, networks)) = trusted else {
            return Self { address: direct, is_https: req.app_config().secure(), host: named.to_owned() };
        };
        let last = |name| last_of(req, name);
        Self {
            address: Some(walk(direct, |hop| networks.contain(hop), &all_of(req, FORWARDED_FOR))),
            is_https: last(FORWARDED_PROTO).map_or(req.app_config().secure(), |proto| proto == "https"),
            host: last(FORWARDED_HOST).unwrap_or_else(|| named.to_owned()),
        }
    }

    /// The origin of the scripts that this server serves.
    pub fn origin(&self) -> String {
        format!("{}://{}", if self.is_https { "https" } else { "http" }, self.host)
    }
}

/// Whether a request shows that it was forwarded: it has a proxy's header, or names a host that is not this machine.
fn is_handed_on(req: &HttpRequest) -> bool {
    let says =
        |name: &HeaderName| name.as_str().starts_with("x-forwarded") || PROXIES.contains(&name.as_str());
    let host = req.headers().get(header::HOST).and_then(|v| v.to_str().ok());
    host.is_some_and(|host| !is_loopback(host)) || req.headers().keys().any(says)
}

/// The client's address and user agent, as the audit log stores them.
pub fn client(req: &HttpRequest) -> Client {
    let agent = req.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    Client {
        address: Peer::of(req).address.map(|a| a.to_string()).unwrap_or_default(),
        user_agent: agent.chars().take(MAX_AGENT).collect(),
        is_handed_on: is_handed_on(req),
    }
}

/// Walks from the server outwards: the first address that is no trusted proxy is the client's. Entries left of it may
/// be forged by the client.
fn walk(direct: IpAddr, is_proxy: impl Fn(IpAddr) -> bool, forwarded: &str) -> IpAddr {
    let mut client = direct;
    for hop in forwarded.rsplit(',').take(MAX_HOPS) {
        let Some(address) = read(hop) else { break };
        client = address;
        if !is_proxy(address) {
            break;
        }
    }
    client
}

/// Parses an address, perhaps with a port behind it.
fn read(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.trim_start_matches('[').split(']').next().unwrap_or(hop);
    let address = bare.parse().ok().or_else(|| hop.parse().ok().map(|with: std::net::SocketAddr| with.ip()));
    address.map(|a: IpAddr| a.to_canonical())
}

/// The values of all headers of this name, joined.
fn all_of(req: &HttpRequest, name: HeaderName) -> String {
    let values = req.headers().get_all(name).filter_map(|v| v.to_str().ok());
    values.collect::<Vec<_>>().join(",")
}

/// The nearest proxy's value: the last one.
fn last_of(req: &HttpRequest, name: HeaderName) -> Option<String> {
    let all = all_of(req, name);
    let last = all.rsplit(',').next().map(|v| v.trim().to_lowercase());
    last.filter(|v| !v.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_the_first_from_the_right_that_is_no_proxy() {
        let is_proxy = |hop: IpAddr| hop.to_string().starts_with("10.");
        let direct = IpAddr::from([10, 0, 0, 1]);
        for (forwarded, client) in [
            ("", "10.0.0.1"),
            ("203.0.113.9", "203.0.113.9"),
            ("203.0.113.9, 10.0.0.2", "203.0.113.9"),
            ("1.1.1.1, 203.0.113.9, 10.0.0.2, 10.0.0.3", "203.0.113.9"),
            ("nonsense, 10.0.0.2", "10.0.0.2"),
            ("203.0.113.9, nonsense", "10.0.0.1"),
            ("203.0.113.9:4711", "203.0.113.9"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
        ] {
            assert_eq!(walk(direct, is_proxy, forwarded).to_string(), client, "{forwarded}");
        }
    }
}

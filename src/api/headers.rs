//! The headers that every answer has: its identification, and the limits on what browsers may do with it. Headers that
//! a handler set stay.

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::cors;
use super::extract::AppCore;
use super::peer::Peer;
use crate::wire::PROTOCOL_VERSION;

/// The policy of an answer that is no page: it may load nothing, and may be in no frame.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The policy of the client's page: scripts, styles and connections of our own only, nothing inline, and no frame
/// around it. In older browsers `'self'` does not include WebSockets, so these are named.
fn of_page(host: &str) -> String {
    let is_host = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c));
    let sockets = if is_host { format!(" ws://{host} wss://{host}") } else { String::new() };
    format!(
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; \
         font-src 'self' data:; connect-src 'self'{sockets}; worker-src 'self'; object-src 'none'; base-uri 'self'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}

/// Devices and capabilities of a browser that the client does not use.
const UNUSED: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
     magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()";

/// Operations with the same answer for everybody. Clients of the protocol take the server's version from answers
/// without `Cache-Control` only.
const OF_ALL: [&str; 3] = ["/api/v4/system/ping", "/api/v4/config/client", "/api/v4/license/client"];

/// The facts of a request that its answer's headers depend on.
pub(super) struct RequestFacts {
    is_read: bool,
    peer: Peer,
    is_api: bool,
    is_of_all: bool,
    hsts_seconds: u32,
    others_may_ask: bool,
}

impl RequestFacts {
    pub(super) fn of(req: &HttpRequest) -> Self {
        let server = req.app_data::<AppCore>().map(|core| &core.settings.server);
        Self {
            is_read: [Method::GET, Method::HEAD].contains(req.method()),
            peer: Peer::of(req),
            is_api: req.path().contains("/api/"),
            is_of_all: OF_ALL.iter().any(|path| req.path().ends_with(path)),
            hsts_seconds: server.map_or(0, |s| s.hsts_seconds),
            others_may_ask: server.is_some_and(|s| s.allowed_origins.are_some()),
        }
    }
}

/// Adds the headers to an answer.
pub(super) fn complete(headers: &mut HeaderMap, status: StatusCode, request_id: &str, asked: &RequestFacts) {
    set(headers, "x-request-id", request_id);
    set(headers, "x-version-id", &format!("{PROTOCOL_VERSION}.{PROTOCOL_VERSION}..false"));
    set(headers, "x-content-type-options", "nosniff");
    set(headers, "x-frame-options", "DENY");
    set(headers, "referrer-policy", "no-referrer");
    set(headers, "permissions-policy", UNUSED);
    // With "not modified" the client keeps the policy of its cached answer.
    if status != StatusCode::NOT_MODIFIED && !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let is_page = !asked.is_api && is_html(headers);
        let policy = if is_page { of_page(&asked.peer.host) } else { NOTHING.to_owned() };
        set(headers, "content-security-policy", &policy);
    }
    if asked.peer.is_https && asked.hsts_seconds > 0 {
        set(headers, "strict-transport-security", &format!("max-age={}", asked.hsts_seconds));
    }
    if asked.others_may_ask {
        headers.append(cors::DEPENDS.0, cors::DEPENDS.1);
    }
    keep_from_caches(headers, asked);
}

/// Keeps the API's answers, which are private and change, out of caches. One with an entity tag may be cached, and is
/// revalidated.
fn keep_from_caches(headers: &mut HeaderMap, asked: &RequestFacts) {
    if headers.contains_key(header::CACHE_CONTROL) {
        return;
    }
    if asked.is_api && !asked.is_of_all {
        let keep = if headers.contains_key(header::ETAG) { "private, no-cache" } else { "no-store" };
        unless_set(headers, header::CACHE_CONTROL, keep);
    }
    if asked.is_read {
        unless_set(headers, header::EXPIRES, "0");
    }
}

fn is_html(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

fn unless_set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_its_own_sockets_and_lets_nothing_be_inline() {
        let policy = of_page("chat.example.org:8443");
        assert!(
            policy.contains("connect-src 'self' ws://chat.example.org:8443 wss://chat.example.org:8443;")
        );
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"));
    }

    #[test]
    fn a_host_that_is_none_writes_nothing_into_the_policy() {
        for host in ["", "evil; script-src *", "a b", "a'b", "a,b"] {
            assert!(of_page(host).contains("connect-src 'self'; worker-src"), "{host}");
        }
    }
}

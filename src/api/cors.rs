//! Other sites' scripts: those of the origins that the settings name may ask, nobody else's. A browser asks first
//! (preflight) whether it may; whoever is no browser is not bound by any of this.

use actix_web::HttpResponse;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::extract::AppCore;

/// What scripts may send.
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS");

/// In which headers.
const HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, If-None-Match, Range, X-CSRF-Token, X-Requested-With, Connection-Id",
);

/// What they may read of an answer beside its body.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Token, ETag, Retry-After, X-Request-Id, X-Version-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset",
);

/// Seconds for which a browser remembers what it was told.
const REMEMBERED: HeaderValue = HeaderValue::from_static("86400");

/// What an answer says to a script of another site.
pub(super) struct Permission {
    origin: HeaderValue,
    with_cookies: bool,
}

/// The permission of a request's origin; none where it has none.
pub(super) fn permission(req: &ServiceRequest) -> Option<Permission> {
    let origin = req.headers().get(header::ORIGIN)?;
    let server = &req.app_data::<AppCore>()?.settings.server;
    let allowed = server.allowed_origins.contain(origin.to_str().ok()?);
    allowed.then(|| Permission { origin: origin.clone(), with_cookies: server.allow_cookies_across_origins })
}

/// The answer to a browser that asks whether it may.
pub(super) fn preflight(req: &ServiceRequest) -> Option<HttpResponse> {
    let asks = req.method() == Method::OPTIONS
        && req.headers().contains_key(header::ORIGIN)
        && req.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    asks.then(|| {
        let mut response = HttpResponse::NoContent().finish();
        if permission(req).is_some() {
            let headers = response.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, REMEMBERED);
        }
        response
    })
}

impl Permission {
    /// Writes it on an answer.
    pub(super) fn tell(self, headers: &mut HeaderMap) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, self.origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        if self.with_cookies {
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
    }
}

/// What an answer depends on, where other sites may ask at all: caches must not show one site another's.
pub(super) const DEPENDS: (HeaderName, HeaderValue) = (header::VARY, HeaderValue::from_static("Origin"));

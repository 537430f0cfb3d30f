//! CORS: scripts of the origins that the settings name may send requests, those of other sites may not. A browser asks
//! first (preflight); clients that are not browsers are not bound by any of this.

use actix_web::HttpResponse;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::extract::AppCore;

/// The methods that scripts may use.
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS");

/// The headers that scripts may send.
const HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, If-None-Match, Range, X-CSRF-Token, X-Requested-With, Connection-Id",
);

/// The headers that scripts may read.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Token, ETag, Retry-After, X-Request-Id, X-Version-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset",
);

/// Seconds for which a browser caches a preflight's answer.
const REMEMBERED: HeaderValue = HeaderValue::from_static("86400");

/// The permission that an answer gives to a script of another site.
pub(super) struct Permission {
    origin: HeaderValue,
    with_cookies: bool,
}

/// The permission of a request's origin; `None` if the origin is not allowed.
pub(super) fn permission(req: &ServiceRequest) -> Option<Permission> {
    let origin = req.headers().get(header::ORIGIN)?;
    let server = &req.app_data::<AppCore>()?.settings.server;
    let allowed = server.allowed_origins.contain(origin.to_str().ok()?);
    allowed.then(|| Permission { origin: origin.clone(), with_cookies: server.allow_cookies_across_origins })
}

/// The answer to a preflight request; `None` if the request is none.
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
    /// Writes the permission into an answer's headers.
    pub(super) fn tell(self, headers: &mut HeaderMap) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, self.origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        if self.with_cookies {
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
    }
}

/// The header that keeps caches from showing one site's answer to another, where other sites are allowed at all.
pub(super) const DEPENDS: (HeaderName, HeaderValue) = (header::VARY, HeaderValue::from_static("Origin"));

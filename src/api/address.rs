//! The organisation that a request is addressed to, and the address by which its client reached it.

use std::future::{Ready, ready};
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::error::ApiError;
use super::peer::Peer;
use crate::error::Error;
use crate::services::platform::addresses::Org;

/// The organisation that a request is addressed to; it is not suspended.
#[derive(Debug, Clone)]
pub struct RequestOrg {
    pub(super) org: Arc<Org>,
    pub(super) path: Arc<str>,
}

impl RequestOrg {
    /// The organisation of a request.
    pub fn of(req: &HttpRequest) -> Result<Self, Error> {
        req.extensions()
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Error::internal("a request without an organisation"))
    }

    /// The path below which everything of the organisation is, with slashes at both ends: `/` or `/o/<slug>/`. Cookies
    /// are bound to it, so that two organisations on one host do not disturb each other.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The address that the client used, without a slash at the end, for example `https://chat.example.org/o/acme`.
    pub fn address(&self, req: &HttpRequest) -> String {
        let scheme = if is_https(req) { "https" } else { "http" };
        format!("{scheme}://{}{}", host(req), self.path.trim_end_matches('/'))
    }
}

impl Deref for RequestOrg {
    type Target = Org;
    fn deref(&self) -> &Org {
        &self.org
    }
}

impl FromRequest for RequestOrg {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(req).map_err(ApiError))
    }
}

/// The host that a request is addressed to, with its port.
pub(super) fn host(req: &HttpRequest) -> String {
    Peer::of(req).host
}

/// Whether the client connected by HTTPS, to this server or to the proxy in front of it.
pub fn is_https(req: &HttpRequest) -> bool {
    Peer::of(req).is_https
}

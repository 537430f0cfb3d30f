//! Around every request: its identifier, the headers that every answer has, and how often a client may ask.

use std::net::IpAddr;
use std::num::NonZeroU32;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, ResponseError, web};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};

use super::error::ApiError;
use super::extract::{AppCore, token_of};
use crate::error::{Error, Kind};
use crate::services::audits::{self, Refusals};
use crate::services::auth::Caller;
use crate::telemetry;
use crate::wire::{PROTOCOL_VERSION, SessionId, id};

/// Requests that wait in nobody's queue: who asks too often is told so.
pub struct RateLimit {
    buckets: DefaultKeyedRateLimiter<Who>,
    burst: u32,
}

/// Whose requests are counted together: those of a login, or of an address without one.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Who {
    Session(SessionId),
    Address(Option<IpAddr>),
}

impl RateLimit {
    /// So many requests a second for each client, and so many at once after a pause; none where either is zero.
    pub fn new(requests_per_second: u32, burst: u32) -> Option<Self> {
        let burst = NonZeroU32::new(burst)?;
        let quota = Quota::per_second(NonZeroU32::new(requests_per_second)?).allow_burst(burst);
        Some(Self { buckets: DefaultKeyedRateLimiter::keyed(quota), burst: burst.get() })
    }

    /// Forgets clients that have been quiet: the memory is bounded by those who are not.
    pub fn sweep(&self) {
        self.buckets.retain_recent();
    }

    fn check(&self, req: &ServiceRequest) -> Result<(), ApiError> {
        let who = who(req);
        let Err(until) = self.buckets.check_key(&who) else { return Ok(()) };
        let wait = until.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
        let retry_after = u32::try_from(wait).unwrap_or(u32::MAX);
        Err(ApiError(Error::new(
            Kind::TooMany { retry_after },
            "api.context.rate_limit.app_error",
            "Too many requests: limit exceeded.",
        )))
    }
}

/// The session of a token that we signed; guessing tokens leads nowhere, since all guesses share an address.
fn who(req: &ServiceRequest) -> Who {
    let session = || {
        let core = req.app_data::<AppCore>()?;
        core.tokens.read(&token_of(req.request())?)
    };
    session().map_or_else(|| Who::Address(req.peer_addr().map(|a| a.ip())), Who::Session)
}

/// Runs a request under its identifier and completes its answer.
pub async fn around<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let request_id = id::encode(uuid::Uuid::new_v4());
    let is_get = req.method() == actix_web::http::Method::GET;
    telemetry::within(request_id.clone(), async move {
        let mut response = match admit(&req) {
            // Errors of handlers and extractors are answers already.
            Ok(()) => next.call(req).await?.map_into_left_body(),
            Err((limit, error)) => {
                let mut refused = error.error_response();
                tell_limit(refused.headers_mut(), limit, &error);
                req.into_response(refused).map_into_right_body()
            }
        };
        if response.status() == StatusCode::FORBIDDEN {
            note_refusal(response.request());
        }
        complete(response.headers_mut(), &request_id, is_get);
        Ok(response)
    })
    .await
}

/// Somebody asked for what they may not: their administrator may want to know.
fn note_refusal(req: &HttpRequest) {
    let (core, known) = (req.app_data::<AppCore>(), req.app_data::<web::Data<Refusals>>());
    let (Some(core), Some(known), Some(path)) = (core, known, req.match_pattern()) else { return };
    let caller = req.extensions().get::<Caller>().cloned();
    let Some(caller) = caller else { return };
    let named = req.match_info().iter().find_map(|(name, text)| Some((name, id::decode(text).ok()?)));
    audits::refused(core, known, &caller, (req.method().as_str(), &path), named);
}

/// Whether the request may be handled at all.
fn admit(req: &ServiceRequest) -> Result<(), (u32, ApiError)> {
    let asked = req.uri().path_and_query().map(|p| p.as_str()).unwrap_or_default();
    // No name in any table has a NUL character, and none may be looked for.
    if asked.contains("%00") {
        return Err((0, ApiError(Error::param("url"))));
    }
    match req.app_data::<web::Data<Option<RateLimit>>>().and_then(|l| l.as_ref().as_ref()) {
        Some(limit) => limit.check(req).map_err(|e| (limit.burst, e)),
        None => Ok(()),
    }
}

fn tell_limit(headers: &mut HeaderMap, limit: u32, error: &ApiError) {
    if let Kind::TooMany { retry_after } = error.0.kind {
        for (name, value) in
            [("x-ratelimit-limit", limit), ("x-ratelimit-remaining", 0), ("x-ratelimit-reset", retry_after)]
        {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
}

fn complete(headers: &mut HeaderMap, request_id: &str, is_get: bool) {
    let version = format!("{PROTOCOL_VERSION}.{PROTOCOL_VERSION}..false");
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("x-request-id", request_id);
    set("x-version-id", &version);
    set("x-content-type-options", "nosniff");
    set("referrer-policy", "no-referrer");
    if is_get && !headers.contains_key(header::EXPIRES) && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::EXPIRES, HeaderValue::from_static("0"));
    }
}

//! The rate limit of requests: each is taken from the bucket of its account, or of its address where it proves no
//! account.

use std::sync::Arc;
use std::time::Instant;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, ResponseError, web};

use super::error::ApiError;
use super::extract::{self, AppCore, token_of};
use super::peer::Peer;
use crate::error::{Error, Kind};
use crate::services::auth::{self, Caller};
use crate::services::platform::limits::{Limits, RateDecision, Who, household};

/// The buckets; `None` where requests are not limited.
pub type Buckets = web::Data<Option<Arc<Limits>>>;

/// Takes the request from its bucket, or refuses it with the limit's headers.
pub async fn rate_limit<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let limits = req.app_data::<Buckets>().and_then(|buckets| buckets.as_ref().clone());
    let Some(limits) = limits else { return Ok(next.call(req).await?.map_into_left_body()) };
    let taken = take(&limits, &req).await;
    let mut response = if taken.allowed {
        next.call(req).await?.map_into_left_body()
    } else {
        let refused = ApiError(too_many(taken.reset)).error_response();
        req.into_response(refused).map_into_right_body()
    };
    tell(response.headers_mut(), taken);
    Ok(response)
}

/// Takes a request from its bucket. A caller who is identified here is passed on with the request, so that a token is
/// not verified twice. A token that needs a query of the database is charged to the address first: guessing tokens
/// leads nowhere, since all guesses share an address.
async fn take(limits: &Limits, req: &ServiceRequest) -> RateDecision {
    let take = |who| limits.take(who, Instant::now());
    let address = || Who::Address(Peer::of(req.request()).address.map(household));
    let (Some(core), Some(token)) = (req.app_data::<AppCore>(), token_of(req.request())) else {
        return take(address());
    };
    let guess = auth::is_unheard_of(core, &token).then(|| take(address()));
    if let Some(refused) = guess.filter(|taken| !taken.allowed) {
        return refused;
    }
    match extract::identify(core, req.request()).await {
        Ok(caller) => {
            let who = Who::Account(caller.id);
            req.extensions_mut().insert::<Caller>(caller);
            take(who)
        }
        Err(_) => guess.unwrap_or_else(|| take(address())),
    }
}

fn too_many(retry_after: u32) -> Error {
    Error::new(
        Kind::TooMany { retry_after },
        "api.context.rate_limit.app_error",
        "Too many requests: limit exceeded.",
    )
}

fn tell(headers: &mut HeaderMap, taken: RateDecision) {
    let told = [
        ("x-ratelimit-limit", taken.limit),
        ("x-ratelimit-remaining", taken.remaining),
        ("x-ratelimit-reset", taken.reset),
    ];
    for (name, value) in told {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
}

//! The steps around every request: its identifier, permissions for other sites, the log of refusals, and the headers
//! that every answer has. The rate limit is in `rate_limit`.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, ResponseError, web};

use super::cors;
use super::error::ApiError;
use super::extract::AppCore;
use super::headers::{self, RequestFacts};
use super::intake;
use super::operation::Operation;
use crate::error::Error;
use crate::services::auth::Caller;
use crate::services::auth::audits::{self, Refusals};
use crate::telemetry;
use crate::wire::id;

/// Runs a request under its identifier and completes its answer.
pub async fn around<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let request_id = id::encode(uuid::Uuid::new_v4());
    telemetry::within(request_id.clone(), async move {
        let (asked, permission) = (RequestFacts::of(req.request()), cors::permission(&req));
        let mut response = match stop(&req) {
            Some(answer) => req.into_response(answer).map_into_right_body(),
            // Errors of handlers and extractors have been converted to answers already.
            None => next.call(req).await?.map_into_left_body(),
        };
        if response.status() == StatusCode::FORBIDDEN {
            note_refusal(response.request());
        }
        if let Some(permission) = permission {
            permission.tell(response.headers_mut());
        }
        let status = response.status();
        headers::complete(response.headers_mut(), status, &request_id, &asked);
        Ok(response)
    })
    .await
}

/// The answer to a request that is not passed on.
fn stop(req: &ServiceRequest) -> Option<actix_web::HttpResponse> {
    let asked = req.uri().path_and_query().map(|p| p.as_str()).unwrap_or_default();
    // No name in any table contains a NUL character, and the database would refuse a query with one.
    if asked.contains("%00") {
        return Some(ApiError(Error::param("url")).error_response());
    }
    match intake::check(req) {
        Ok(()) => cors::preflight(req),
        Err(error) => Some(ApiError(error).error_response()),
    }
}

/// Counts a request that was forbidden, for the administrator's audit log.
fn note_refusal(req: &HttpRequest) {
    let (core, known) = (req.app_data::<AppCore>(), req.app_data::<web::Data<Refusals>>());
    let operation = req.extensions().get::<Operation>().copied();
    let (Some(core), Some(known), Some(operation)) = (core, known, operation) else { return };
    let caller = req.extensions().get::<Caller>().cloned();
    let Some(caller) = caller else { return };
    let named = req.match_info().iter().find_map(|(name, text)| Some((name, id::decode(text).ok()?)));
    audits::refused(core, known, &caller, (operation.method, operation.path), named);
}

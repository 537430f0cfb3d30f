//! Questions of one account wait for each other, so that they leave connections to the database to others.

use actix_web::HttpMessage;
use actix_web::ResponseError;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::web;

use super::error::ApiError;
use crate::services::auth::Caller;
use crate::services::limits::Reads;

/// Answers a question when it is its turn. Who asks was found before, where requests are counted; what writes is short, or
/// waits for its client, and has its own order.
pub async fn take_turns<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let caller = req.extensions().get::<Caller>().map(|caller| caller.id).filter(|_| is_question(&req));
    let (Some(user), Some(reads)) = (caller, req.app_data::<web::Data<Reads>>().cloned()) else {
        return Ok(next.call(req).await?.map_into_left_body());
    };
    match reads.turn(user).await {
        Ok(_turn) => Ok(next.call(req).await?.map_into_left_body()),
        Err(error) => Ok(req.into_response(ApiError(error).error_response()).map_into_right_body()),
    }
}

/// Files and pictures come from elsewhere, and hold no connection while they do.
fn is_question(req: &ServiceRequest) -> bool {
    let path = req.path();
    let is_file = path.ends_with("/image") || path.contains("/files/");
    (req.method() == Method::GET && !is_file) || path.ends_with("/search")
}

//! How much of requests and answers a node holds in memory at once. A large body counts against a budget from when it
//! was read until the request is answered, a large answer until its client has taken it; of each, one account (or
//! address) has a share. What does not fit is answered 503 and may be tried again.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::web::{self, Bytes};
use actix_web::{HttpMessage, HttpRequest, ResponseError};

use super::error::ApiError;
use super::peer::Peer;
use crate::error::Result;
use crate::services::auth::Caller;
use crate::services::limits::{Budget, HeldBytes, Who, household};

/// Bytes of bodies and of answers that are held, of all clients and of one.
const BODIES: (usize, usize) = (64 << 20, 8 << 20);
const ANSWERS: (usize, usize) = (256 << 20, 32 << 20);

/// Bytes from which on a body or an answer counts. Most are far smaller; their number is bounded already.
const LARGE: usize = 64 << 10;

/// Bytes that an answer to a change has at most.
const MOST_CHANGED: u64 = 2 << 20;

/// Bytes of an answer that are handed to the connection at a time.
const CHUNK: usize = 64 << 10;

/// The budgets of this node.
pub struct Budgets {
    bodies: Budget,
    answers: Budget,
}

impl Default for Budgets {
    fn default() -> Self {
        Self { bodies: Budget::new(BODIES.0, BODIES.1), answers: Budget::new(ANSWERS.0, ANSWERS.1) }
    }
}

impl Budgets {
    /// Holds the bytes of a request's body, if they are many.
    pub(super) fn hold_body(req: &HttpRequest, bytes: usize) -> Result<Option<HeldBytes>> {
        Self::of(req).filter(|_| bytes >= LARGE).map(|b| b.bodies.hold(who(req), bytes)).transpose()
    }

    /// Holds those of its answer.
    fn hold_answer(req: &HttpRequest, size: BodySize) -> Result<Option<HeldBytes>> {
        let BodySize::Sized(bytes) = size else { return Ok(None) };
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        Self::of(req).filter(|_| bytes >= LARGE).map(|b| b.answers.hold(who(req), bytes)).transpose()
    }

    fn of(req: &HttpRequest) -> Option<&Self> {
        req.app_data::<web::Data<Self>>().map(|budgets| budgets.get_ref())
    }
}

/// Whose share it is.
fn who(req: &HttpRequest) -> Who {
    let caller = req.extensions().get::<Caller>().map(|caller| Who::Account(caller.id));
    caller.unwrap_or_else(|| Who::Address(Peer::of(req).address.map(household)))
}

/// Answers, and holds what is large of the answer until it has been taken. What comes as a stream, as files do, is
/// never in memory as a whole and is left alone; so is what tells of a change, which was made whether the answer fits
/// or not.
pub async fn hold<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<EitherBody<Whole, B>>, actix_web::Error> {
    let response = next.call(req).await?;
    let size = response.response().body().size();
    match Budgets::hold_answer(response.request(), size) {
        Ok(Some(held)) => Ok(response.map_body(|_, body| whole(body, Some(held)))),
        Err(error) if is_read(response.request(), size) => {
            let refused = ApiError(error).error_response().map_body(|_, body| {
                let rest = body.try_into_bytes().unwrap_or_default();
                EitherBody::left(Whole { rest, _held: None })
            });
            Ok(ServiceResponse::new(response.into_parts().0, refused))
        }
        Ok(None) | Err(_) => Ok(response.map_body(|_, body| EitherBody::right(body))),
    }
}

fn whole<B: MessageBody>(body: B, held: Option<HeldBytes>) -> EitherBody<Whole, B> {
    match body.try_into_bytes() {
        Ok(rest) => EitherBody::left(Whole { rest, _held: held }),
        Err(body) => EitherBody::right(body),
    }
}

/// Whether an answer tells what there is. Lists are asked for by POST too; what tells of a change is not as large.
fn is_read(req: &HttpRequest, size: BodySize) -> bool {
    req.method() == Method::GET || matches!(size, BodySize::Sized(bytes) if bytes > MOST_CHANGED)
}

/// A body that is there as a whole. It is handed on piece by piece, no faster than the client takes it, and what it
/// holds of the budget is given back at its end.
pub struct Whole {
    rest: Bytes,
    _held: Option<HeldBytes>,
}

impl MessageBody for Whole {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(u64::try_from(self.rest.len()).unwrap_or(u64::MAX))
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Bytes, Self::Error>>> {
        let chunk = self.rest.len().min(CHUNK);
        Poll::Ready((chunk > 0).then(|| Ok(self.rest.split_to(chunk))))
    }
}

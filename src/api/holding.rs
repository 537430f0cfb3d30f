//! Limits the memory that a node uses for requests and answers. A large body counts against a budget from when it was
//! read until the request is answered, a large answer until its client has received it; each account (or address) may
//! use a share of each budget. A request that does not fit is answered 503 and may be tried again.

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
use crate::services::platform::limits::{Budget, HeldBytes, Who, household};

/// The budgets for bodies and for answers, in bytes: of all clients, and of one.
const BODIES: (usize, usize) = (64 << 20, 8 << 20);
const ANSWERS: (usize, usize) = (256 << 20, 32 << 20);

/// The size in bytes from which a body or an answer counts. Most are far smaller; their number is limited already.
const LARGE: usize = 64 << 10;

/// The most bytes of an answer to a change.
const MOST_CHANGED: u64 = 2 << 20;

/// The bytes of an answer that are passed to the connection at a time.
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
    /// Reserves the bytes of a request's body, if it is large.
    pub(super) fn hold_body(req: &HttpRequest, bytes: usize) -> Result<Option<HeldBytes>> {
        Self::of(req).filter(|_| bytes >= LARGE).map(|b| b.bodies.hold(who(req), bytes)).transpose()
    }

    /// Reserves the bytes of an answer, if it is large.
    fn hold_answer(req: &HttpRequest, size: BodySize) -> Result<Option<HeldBytes>> {
        let BodySize::Sized(bytes) = size else { return Ok(None) };
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        Self::of(req).filter(|_| bytes >= LARGE).map(|b| b.answers.hold(who(req), bytes)).transpose()
    }

    fn of(req: &HttpRequest) -> Option<&Self> {
        req.app_data::<web::Data<Self>>().map(|budgets| budgets.get_ref())
    }
}

/// The client whose share a request uses.
fn who(req: &HttpRequest) -> Who {
    let caller = req.extensions().get::<Caller>().map(|caller| Who::Account(caller.id));
    caller.unwrap_or_else(|| Who::Address(Peer::of(req).address.map(household)))
}

/// Runs a request, and reserves the bytes of a large answer until it was received. Streams, such as files, are never in
/// memory as a whole and are not counted; nor are answers to a change, which was made whether the answer fits or not.
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

/// Whether an answer is that of a read. Lists are requested by POST too; answers to a change are not as large.
fn is_read(req: &HttpRequest, size: BodySize) -> bool {
    req.method() == Method::GET || matches!(size, BodySize::Sized(bytes) if bytes > MOST_CHANGED)
}

/// A body that is in memory as a whole. It is sent piece by piece, no faster than the client receives it, and releases
/// its share of the budget when it ends.
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

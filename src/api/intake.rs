//! The outermost step of a request, before anything is known of it: its body is limited in time for every reader, and
//! if it is not read, its connection is closed with the answer. Bodies with a content encoding (`Content-Encoding:
//! gzip`) are refused: a small one can expand to gigabytes.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpMessage;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt};

use super::connection::{Connection, Running};
use super::extract::AppCore;
use super::inflow::Paced;
use crate::error::{Error, Kind};

/// Limits the body of a request in time, and keeps it until the answer is sent.
pub async fn intake<B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BodyWithRequest>, actix_web::Error> {
    let running = Connection::of(req.request()).map(Connection::begin);
    let body = bound(&mut req);
    let response = next.call(req).await?;
    Ok(response.map_body(|_, answer| BodyWithRequest {
        answer: answer.boxed(),
        _body: body,
        _running: running,
    }))
}

/// Refuses a body that is sent in an unsupported way, before any of it is read.
pub(super) fn check(req: &ServiceRequest) -> Result<(), Error> {
    let encodings = req.headers().get_all(header::CONTENT_ENCODING);
    let plain = |value: &str| value.trim().is_empty() || value.trim().eq_ignore_ascii_case("identity");
    for value in encodings {
        if !value.to_str().is_ok_and(|value| value.split(',').all(plain)) {
            return Err(Error::new(
                Kind::Unsupported,
                "api.context.content_encoding.app_error",
                "The body of a request must be sent as it is: Content-Encoding is not supported.",
            ));
        }
    }
    Ok(())
}

/// Puts the body of a request behind its time limit; `None` where there is nothing to limit. A WebSocket is a stream
/// that is limited elsewhere.
fn bound(req: &mut ServiceRequest) -> Option<Shared> {
    if req.method() == Method::GET && req.headers().contains_key(header::UPGRADE) {
        return None;
    }
    let pause = Duration::from_secs(req.app_data::<AppCore>()?.settings.server.body_seconds.into());
    let payload = req.take_payload();
    if matches!(payload, Payload::None) {
        return None;
    }
    let shared = Shared(Rc::new(RefCell::new(Paced::new(payload, pause))));
    let stream: Pin<Box<dyn Stream<Item = _>>> = Box::pin(shared.clone());
    req.set_payload(Payload::Stream { payload: stream });
    Some(shared)
}

/// The body of a request, shared between its reader and its answer: if it was not read to its end when the answer is
/// sent, the connection is closed, and nothing waits for the rest.
#[derive(Clone)]
struct Shared(Rc<RefCell<Paced>>);

impl Stream for Shared {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.borrow_mut().poll_next_unpin(context)
    }
}

/// The body of an answer, with that of its request.
pub struct BodyWithRequest {
    answer: BoxBody,
    _body: Option<Shared>,
    _running: Option<Running>,
}

impl MessageBody for BodyWithRequest {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.answer).poll_next(context)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_plain_bodies_are_taken() {
        for (encoding, taken) in [
            ("identity", true),
            ("Identity", true),
            ("", true),
            ("gzip", false),
            ("identity, gzip", false),
            ("br", false),
            ("x", false),
        ] {
            let req = TestRequest::post().insert_header(("content-encoding", encoding)).to_srv_request();
            assert_eq!(check(&req).is_ok(), taken, "{encoding}");
        }
        let twice = TestRequest::post()
            .append_header(("content-encoding", "identity"))
            .append_header(("content-encoding", "gzip"));
        assert!(check(&twice.to_srv_request()).is_err());
    }
}

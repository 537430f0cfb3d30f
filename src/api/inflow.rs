//! Reads request bodies. Every reader gets the body through [`Paced`]: a sender who pauses for too long, or sends so
//! slowly that an upload slot would be occupied for ever, is cut off. Small bodies are read [`whole`], within a time of
//! their own; what is too large for memory is read piece by piece ([`Inflow`]). Nothing here decodes: bodies with a
//! content encoding were refused before (`intake`).

use std::fmt::Display;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{self, Charset, ExtendedValue};
use actix_web::web::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, Sleep, sleep};

use crate::error::{Error, Kind, Result};

/// The least bytes per second, on average over two pauses.
const PACE: f64 = 1024.0;

/// A body that keeps coming: between two of its pieces lies no more than a pause, and in the time of two pauses at
/// least [`PACE`] bytes a second arrive. Only the time spent waiting for the sender counts, not that of a slow reader.
pub(super) struct Paced<S = Payload> {
    stream: S,
    pause: Duration,
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
    waited: Duration,
    came: usize,
}

impl<S> Paced<S> {
    pub(super) fn new(stream: S, pause: Duration) -> Self {
        Self { stream, pause, waiting: None, waited: Duration::ZERO, came: 0 }
    }

    /// Counts bytes that arrived. After two pauses of waiting: whether they were enough.
    fn keeps_pace(&mut self, bytes: usize) -> bool {
        if let Some((since, _)) = self.waiting.take() {
            self.waited += since.elapsed();
        }
        self.came = self.came.saturating_add(bytes);
        let round = self.pause * 2;
        if self.waited < round {
            return true;
        }
        #[expect(clippy::cast_precision_loss, reason = "compared with a few kilobytes")]
        let enough = self.came as f64 >= PACE * round.as_secs_f64();
        (self.waited, self.came) = (Duration::ZERO, 0);
        enough
    }
}

impl<S> Stream for Paced<S>
where
    S: Stream<Item = std::result::Result<Bytes, PayloadError>> + Unpin,
{
    type Item = std::result::Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match Pin::new(&mut self.stream).poll_next(context) {
            Poll::Ready(Some(Ok(bytes))) if !self.keeps_pace(bytes.len()) => {
                Poll::Ready(Some(Err(late("it is too slow"))))
            }
            Poll::Ready(item) => Poll::Ready(item),
            Poll::Pending => {
                let pause = self.pause;
                let (_, over) = self.waiting.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(pause))));
                over.as_mut().poll(context).map(|()| Some(Err(late("it pauses"))))
            }
        }
    }
}

fn late(why: &'static str) -> PayloadError {
    PayloadError::Io(io::Error::new(io::ErrorKind::TimedOut, why))
}

/// The error with which a body broke off.
pub(super) trait Cut: Display {
    /// Whether the sender took too long.
    fn is_late(&self) -> bool;

    /// The error that the sender gets, if it is still connected.
    fn told(&self) -> Error {
        let message = format!("The request could not be read to its end: {self}.");
        if self.is_late() {
            Error::new(Kind::Late, "api.context.request_timeout.app_error", message)
        } else {
            Error::new(Kind::Invalid, "api.file.upload_file.read_request.app_error", message)
        }
    }
}

impl Cut for PayloadError {
    fn is_late(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::TimedOut)
    }
}

impl Cut for MultipartError {
    fn is_late(&self) -> bool {
        matches!(self, Self::Payload(error) if error.is_late())
    }
}

/// The reason why a small body could not be read.
#[derive(Debug)]
pub(super) enum Unread {
    /// The body is larger than the limit.
    TooLarge,
    /// The body did not arrive in time.
    Late,
    /// The body broke off.
    Broken,
}

/// Reads a body of at most `limit` bytes, within a time.
pub(super) async fn whole(
    mut body: Payload,
    limit: usize,
    within: Duration,
) -> std::result::Result<Bytes, Unread> {
    let read = async {
        let mut all = BytesMut::new();
        while let Some(bytes) = body.next().await {
            let bytes = bytes.map_err(|e| if e.is_late() { Unread::Late } else { Unread::Broken })?;
            if all.len() + bytes.len() > limit {
                return Err(Unread::TooLarge);
            }
            all.extend_from_slice(&bytes);
        }
        Ok(all.freeze())
    };
    tokio::time::timeout(within, read).await.unwrap_or(Err(Unread::Late))
}

/// The bytes of a request, or of one of its parts.
pub(super) struct Inflow<S> {
    stream: S,
}

impl<S, E> Inflow<S>
where
    S: Stream<Item = std::result::Result<Bytes, E>> + Unpin,
    E: Cut,
{
    pub(super) fn new(stream: S) -> Self {
        Self { stream }
    }

    /// The next bytes; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>> {
        self.stream.next().await.transpose().map_err(|e| e.told())
    }

    /// Reads a short text, of at most `limit` bytes.
    pub(super) async fn text(mut self, limit: usize, name: &str) -> Result<String> {
        let mut all = Vec::new();
        while let Some(bytes) = self.next().await? {
            if all.len() + bytes.len() > limit {
                return Err(Error::body(name));
            }
            all.extend_from_slice(&bytes);
        }
        String::from_utf8(all).ok().filter(|text| !text.contains('\0')).ok_or_else(|| Error::body(name))
    }
}

/// The next part of a form; `None` at its end.
pub(super) async fn next_part(form: &mut Multipart) -> Result<Option<Field>> {
    form.next().await.transpose().map_err(|e| e.told())
}

/// The file name of a form's part: the extended name (`filename*`, RFC 5987) if it is in UTF-8 or ISO 8859-1 and can be
/// decoded, otherwise the plain one (RFC 6266, 4.3). `None` if it has neither; an error if it has only an extended name
/// that cannot be decoded.
pub(super) fn filename(part: &Field) -> Result<Option<String>> {
    let Some(disposition) = part.content_disposition() else { return Ok(None) };
    let extended = disposition.get_filename_ext();
    let plain = || disposition.get_filename().map(str::to_owned);
    match extended.map(decoded) {
        Some(Some(name)) => Ok(Some(name)),
        Some(None) => plain().map(Some).ok_or_else(|| Error::body("filename")),
        None => Ok(plain()),
    }
}

fn decoded(extended: &ExtendedValue) -> Option<String> {
    if extended.charset == Charset::Iso_8859_1 {
        return Some(extended.value.iter().copied().map(char::from).collect());
    }
    let is_utf8 = extended.charset.to_string().eq_ignore_ascii_case("utf-8");
    is_utf8.then(|| String::from_utf8(extended.value.clone()).ok()).flatten()
}

/// The declared length of a request, in bytes, if it has one.
pub(super) fn told_length(req: &HttpRequest) -> Option<u64> {
    req.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    const PAUSE: Duration = Duration::from_secs(30);

    /// Whether `pieces` of `bytes` each, one after every `seconds` of waiting, keep the pace to their end.
    fn passes(pieces: usize, bytes: usize, seconds: u64) -> bool {
        let mut body = Paced::new((), PAUSE);
        (0..pieces).all(|_| {
            body.waited += Duration::from_secs(seconds);
            body.keeps_pace(bytes)
        })
    }

    #[test]
    fn whoever_keeps_coming_may_take_long_and_a_fast_start_buys_no_slow_rest() {
        assert!(passes(200, 20_000, 10));
        assert!(passes(59, 10, 1), "there is some time before anybody looks");
        assert!(!passes(60, 10, 1));
        assert!(passes(10_000, 1024, 1));
        let mut body = Paced::new((), PAUSE);
        assert!(body.keeps_pace(100 << 20));
        body.waited = PAUSE * 2;
        assert!(body.keeps_pace(1));
        body.waited = PAUSE * 2;
        assert!(!body.keeps_pace(1));
    }

    #[tokio::test]
    async fn whoever_pauses_for_too_long_is_cut_off() {
        let first = stream::iter([Ok(Bytes::from_static(b"x"))]);
        let mut body = Paced::new(Box::pin(first.chain(stream::pending())), Duration::from_millis(20));
        assert!(body.next().await.is_some_and(|first| first.is_ok()));
        let then = body.next().await.expect("an end").expect_err("it pauses");
        assert!(then.is_late() && then.told().kind == Kind::Late);
    }

    fn endless() -> Pin<Box<dyn Stream<Item = std::result::Result<Bytes, PayloadError>>>> {
        let drip = stream::iter(0..1000).then(|_| async {
            sleep(Duration::from_millis(5)).await;
            Ok(Bytes::from_static(b"drip"))
        });
        Box::pin(drip)
    }

    #[tokio::test]
    async fn a_small_body_is_there_within_its_time_or_not_at_all() {
        let body = Payload::Stream { payload: endless() };
        assert!(matches!(whole(body, 1 << 20, Duration::from_millis(50)).await, Err(Unread::Late)));
        let body = Payload::Stream { payload: endless() };
        assert!(matches!(whole(body, 10, PAUSE).await, Err(Unread::TooLarge)));
    }
}

//! What a client sends that is too large for memory: taken piece by piece, as long as it keeps coming. A sender who
//! pauses for too long, or sends so slowly that a turn would be held for ever, is cut off.

use std::fmt::Display;
use std::time::{Duration, Instant};

use actix_multipart::{Field, Multipart};
use actix_web::HttpRequest;
use actix_web::http::header::{self, Charset, ExtendedValue};
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt};

use crate::error::{Error, Kind, Result};

/// How long a sender may pause.
const PAUSE: Duration = Duration::from_secs(30);

/// How often a sender's pace is looked at, and the bytes that must have come in that time.
const ROUND: Duration = Duration::from_secs(60);
const PACE: usize = 60 * 1024;

/// The bytes of a request, or of one of its parts.
pub(super) struct Inflow<S> {
    stream: S,
    round: Instant,
    came: usize,
}

impl<S, E> Inflow<S>
where
    S: Stream<Item = std::result::Result<Bytes, E>> + Unpin,
    E: Display,
{
    pub(super) fn new(stream: S) -> Self {
        Self { stream, round: Instant::now(), came: 0 }
    }

    /// The next bytes; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>> {
        let next =
            tokio::time::timeout(PAUSE, self.stream.next()).await.map_err(|_elapsed| cut("it pauses"))?;
        let Some(bytes) = next.transpose().map_err(|e| cut(&e.to_string()))? else { return Ok(None) };
        self.came += bytes.len();
        if self.round.elapsed() >= ROUND {
            if self.came < PACE {
                return Err(cut("it is too slow"));
            }
            (self.round, self.came) = (Instant::now(), 0);
        }
        Ok(Some(bytes))
    }

    /// A short text, of at most `limit` bytes.
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

/// The next part of a form; none at its end.
pub(super) async fn next_part(form: &mut Multipart) -> Result<Option<Field>> {
    let next = tokio::time::timeout(PAUSE, form.next()).await.map_err(|_elapsed| cut("it pauses"))?;
    next.transpose().map_err(|e| cut(&e.to_string()))
}

/// What a part of a form calls its file: the extended name (`filename*`, RFC 5987) where it is in UTF-8 or ISO 8859-1 and
/// can be read, and otherwise the plain one (RFC 6266, 4.3). None where it has neither; an error where it has an extended
/// name alone that cannot be read.
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

/// Bytes that a request says it has, if it does.
pub(super) fn told_length(req: &HttpRequest) -> Option<u64> {
    req.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The sender went away, or sends too slowly: nobody may be there to hear it.
fn cut(why: &str) -> Error {
    let message = format!("The request could not be read to its end: {why}.");
    Error::new(Kind::Invalid, "api.file.upload_file.read_request.app_error", message)
}

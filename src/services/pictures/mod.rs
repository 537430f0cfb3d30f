//! Uploaded pictures: recognised by their content, decoded under limits, and encoded anew. Every result was encoded
//! here, so a file's name, its metadata (the location) and hidden data after its end are dropped. PNG, JPEG, GIF and
//! WebP; everything else is refused, SVG above all. No HTTP and no storage here.
//!
//! Nothing is decoded before its header was read: dimensions are checked first, large pictures are reduced while they
//! are decoded, and no picture takes more than about 48 MiB, however large it claims to be.

mod decode;
mod draw;
mod emoji;
mod format;
mod gif;
mod header;
mod jpeg;
mod pipe;
mod png;
mod raw;
mod render;
mod scrub;
mod square;
mod timed;
mod walk;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Sender;

use crate::error::Error;

pub use draw::identicon;
pub use format::Format;
pub use header::{Header, look};
pub use render::{PREVIEW_WIDTH, Renderings, THUMBNAIL};
pub use scrub::scrubbed;
pub use walk::Remainder;

/// The most pictures that may wait for their turn; more are refused.
const WAITING: usize = 64;

/// The longest wait of a picture for its turn.
const PATIENCE: Duration = Duration::from_secs(20);

/// The reason why a picture is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its content is of no known format.
    #[error("not a picture of a known kind")]
    Unknown,
    /// The file is cut off, or differs from its header.
    #[error("the picture is broken")]
    Broken,
    /// The picture has more pixels, frames or memory than are allowed.
    #[error("the picture has too many pixels")]
    TooLarge,
    /// Decoding took too long.
    #[error("the picture takes too long to decode")]
    Slow,
    /// Too many pictures wait for their turn; the request may be tried again.
    #[error("too many pictures are being worked on")]
    Busy,
}

impl Refusal {
    /// The error for the sender of the file; `id` is the protocol's identifier for an unusable picture.
    pub fn into_error(self, id: &'static str) -> Error {
        match self {
            Self::Unknown | Self::Broken | Self::TooLarge | Self::Slow => {
                Error::invalid(id, format!("The file cannot be used as a picture: {self}."))
            }
            Self::Busy => Error::unavailable(self.to_string()),
        }
    }
}

/// A picture that was encoded here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The file's format.
    pub format: Format,
    /// The file.
    pub bytes: Vec<u8>,
}

/// The worker that processes pictures: on threads of their own, a few at a time.
#[derive(Debug, Clone)]
pub struct ImageWorker {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

impl ImageWorker {
    /// A worker that processes `at_once` pictures at a time.
    pub fn new(at_once: usize) -> Self {
        let places = Semaphore::new(at_once.saturating_add(WAITING));
        Self { places: Arc::new(places), turns: Arc::new(Semaphore::new(at_once.max(1))) }
    }

    /// Makes the renderings that clients show of a file: thumbnail, preview, placeholder.
    pub async fn renderings(&self, file: Bytes) -> Result<Renderings, Refusal> {
        self.work(move || render::renderings(&file)).await
    }

    /// Makes the picture of a person, a bot or a team: its middle, scaled to a square PNG of at most `side` pixels.
    pub async fn square(&self, file: Bytes, side: u32) -> Result<Encoded, Refusal> {
        self.work(move || square::square(&file, side)).await
    }

    /// Makes a custom emoji: at most 128 pixels a side; animations stay animated.
    pub async fn emoji(&self, file: Bytes) -> Result<Encoded, Refusal> {
        self.work(move || emoji::emoji(&file)).await
    }

    /// Makes the same file without its metadata, or `None` if it has none. Pixels are not touched.
    pub async fn scrubbed(&self, file: Bytes) -> Result<Option<Vec<u8>>, Refusal> {
        self.work(move || scrub::scrubbed(&file)).await
    }

    /// Measures a file that is too large for memory, as it would be without its metadata. Fails if `content` does.
    /// Takes no turn: it decodes nothing, and waits for the stream's source, which limits the number of concurrent
    /// measurements.
    pub async fn measure(
        &self,
        content: impl Stream<Item = Result<Bytes, Error>>,
    ) -> Result<Result<Remainder, Refusal>, Error> {
        pipe::through(content, scrub::measure).await
    }

    /// Writes such a file, which was measured before, without its metadata. The result is complete only if this
    /// succeeds.
    pub async fn rewrite(
        &self,
        content: impl Stream<Item = Result<Bytes, Error>>,
        measured: Remainder,
        to: Sender<Bytes>,
    ) -> Result<Result<(), Refusal>, Error> {
        let to = pipe::PipeWriter::new(to);
        pipe::through(content, move |from| scrub::rewrite(from, to, measured)).await
    }

    /// Runs `work` when its turn has come. A panic of a decoder fails that picture, and nothing else. A caller that is
    /// dropped gives up its place in the queue; a running decoder keeps its turn to its end.
    async fn work<T, F>(&self, work: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, Refusal> + Send + 'static,
    {
        let _place = self.places.try_acquire().map_err(|_full| Refusal::Busy)?;
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_elapsed| Refusal::Busy)?.map_err(|_closed| Refusal::Busy)?;
        let working = tokio::task::spawn_blocking(move || {
            let outcome = work();
            drop(turn);
            outcome
        });
        working.await.map_err(|_panic| Refusal::Broken)?
    }
}

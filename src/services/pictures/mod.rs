//! Pictures that people bring: looked at by their content, decoded under limits, and made anew. Whatever leaves here
//! was encoded here, so a file's name, its metadata (where it was taken) and what hides behind its end stay outside.
//! PNG, JPEG, GIF and WebP; everything else is no picture, SVG least of all. No HTTP and no storage here.
//!
//! Nothing is decoded before its header was read: dimensions are checked first, large pictures are reduced while they
//! are decoded, and no picture takes more than some 48 MiB, however large it says that it is.

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

/// Pictures that may wait for their turn; more are refused.
const WAITING: usize = 64;

/// How long a picture waits for its turn.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why there is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its content is none of the kinds that are known.
    #[error("not a picture of a known kind")]
    Unknown,
    /// It is cut off, or not what its header says.
    #[error("the picture is broken")]
    Broken,
    /// More pixels, frames or memory than are allowed.
    #[error("the picture has too many pixels")]
    TooLarge,
    /// It took too long to decode.
    #[error("the picture takes too long to decode")]
    Slow,
    /// Too many pictures wait; it may be tried again.
    #[error("too many pictures are being worked on")]
    Busy,
}

impl Refusal {
    /// What it means to the one who sent the file; `id` is the protocol's name for a picture that is none.
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
    /// What kind of file it is.
    pub format: Format,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Where pictures are worked on: on threads of their own, a few at a time.
#[derive(Debug, Clone)]
pub struct ImageWorker {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

impl ImageWorker {
    /// A studio that works on `at_once` pictures at a time.
    pub fn new(at_once: usize) -> Self {
        let places = Semaphore::new(at_once.saturating_add(WAITING));
        Self { places: Arc::new(places), turns: Arc::new(Semaphore::new(at_once.max(1))) }
    }

    /// What a file's clients are shown of it: thumbnail, preview, placeholder.
    pub async fn renderings(&self, file: Bytes) -> Result<Renderings, Refusal> {
        self.work(move || render::renderings(&file)).await
    }

    /// The middle of the picture, scaled to a square PNG of at most `side` pixels: of a person, a bot, a team.
    pub async fn square(&self, file: Bytes, side: u32) -> Result<Encoded, Refusal> {
        self.work(move || square::square(&file, side)).await
    }

    /// A custom emoji: at most 128 pixels a side; what moved still moves.
    pub async fn emoji(&self, file: Bytes) -> Result<Encoded, Refusal> {
        self.work(move || emoji::emoji(&file)).await
    }

    /// The same file without its metadata, or `None` if it has none. Pixels are not touched.
    pub async fn scrubbed(&self, file: Bytes) -> Result<Option<Vec<u8>>, Refusal> {
        self.work(move || scrub::scrubbed(&file)).await
    }

    /// What would be left, without its metadata, of a file that is too large for memory. Fails if `content` does. Takes
    /// no turn: it decodes nothing, and waits for whoever brings the bytes, who bounds how many do that at a time.
    pub async fn measure(
        &self,
        content: impl Stream<Item = Result<Bytes, Error>>,
    ) -> Result<Result<Remainder, Refusal>, Error> {
        pipe::through(content, scrub::measure).await
    }

    /// Sends what is left of such a file, which was measured before, to whoever writes it. It is whole only if this
    /// says so at the end.
    pub async fn rewrite(
        &self,
        content: impl Stream<Item = Result<Bytes, Error>>,
        measured: Remainder,
        to: Sender<Bytes>,
    ) -> Result<Result<(), Refusal>, Error> {
        let to = pipe::PipeWriter::new(to);
        pipe::through(content, move |from| scrub::rewrite(from, to, measured)).await
    }

    /// Runs `work` when its turn has come. A panic of a decoder ends that picture, and nothing else. Who no longer
    /// waits gives up the place in the queue; a running decoder keeps its turn to its end.
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

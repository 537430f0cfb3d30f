//! The worker that keeps a server from decoding more pictures at a time than it has memory for.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Sender;

use super::{Encoded, Refusal, Remainder, Renderings, Sizes, icon, pipe, render, scrub, square};

/// The most pictures that may wait for their turn; more are refused.
const WAITING: usize = 64;

/// The longest wait of a picture for its turn.
const PATIENCE: Duration = Duration::from_secs(20);

/// The worker that processes pictures: on threads of their own, a few at a time.
#[derive(Debug, Clone)]
pub struct ImageWorker {
    pub(super) places: Arc<Semaphore>,
    pub(super) turns: Arc<Semaphore>,
}

impl ImageWorker {
    /// A worker that processes `at_once` pictures at a time.
    pub fn new(at_once: usize) -> Self {
        let places = Semaphore::new(at_once.saturating_add(WAITING));
        Self { places: Arc::new(places), turns: Arc::new(Semaphore::new(at_once.max(1))) }
    }

    /// Makes the renderings of a file: thumbnail, preview, placeholder.
    pub async fn renderings(&self, file: Bytes, sizes: Sizes) -> Result<Renderings, Refusal> {
        self.work(move || render::renderings(&file, &sizes)).await
    }

    /// Makes the middle of a picture, scaled to a square PNG of at most `side` pixels.
    pub async fn square(&self, file: Bytes, side: u32) -> Result<Encoded, Refusal> {
        self.work(move || square::square(&file, side)).await
    }

    /// Makes an icon of at most `side` pixels a side; animations stay animated.
    pub async fn icon(&self, file: Bytes, side: u32) -> Result<Encoded, Refusal> {
        self.work(move || icon::icon(&file, side)).await
    }

    /// Makes the same file without its metadata, or `None` if it has none. Pixels are not touched.
    pub async fn scrubbed(&self, file: Bytes) -> Result<Option<Vec<u8>>, Refusal> {
        self.work(move || scrub::scrubbed(&file)).await
    }

    /// Measures a file that is too large for memory, as it would be without its metadata. Fails if `content` does.
    /// Takes no turn: it decodes nothing, and waits for the stream's source, which limits the number of concurrent
    /// measurements.
    pub async fn measure<E>(
        &self,
        content: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<Result<Remainder, Refusal>, E> {
        pipe::through(content, scrub::measure).await
    }

    /// Writes such a file, which was measured before, without its metadata. The result is complete only if this
    /// succeeds.
    pub async fn rewrite<E>(
        &self,
        content: impl Stream<Item = Result<Bytes, E>>,
        measured: Remainder,
        to: Sender<Bytes>,
    ) -> Result<Result<(), Refusal>, E> {
        let to = pipe::PipeWriter::new(to);
        pipe::through(content, move |from| scrub::rewrite(from, to, measured)).await
    }

    /// Runs `work` when its turn has come. A panic of a decoder fails that picture, and nothing else. A caller that is
    /// dropped gives up its place in the queue; a running decoder keeps its turn to its end.
    pub(super) async fn work<T, F>(&self, work: F) -> Result<T, Refusal>
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

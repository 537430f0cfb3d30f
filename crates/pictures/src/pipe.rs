//! Streams files that are too large for memory through a blocking thread. A few parts of them are in memory at a time;
//! a slow or gone reader or writer is noticed by the other side.

use std::io::{BufRead, ErrorKind, Read, Result, Write};
use std::pin::pin;

use bytes::{Buf, Bytes};
use futures_util::{Stream, TryStreamExt};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::Refusal;

/// The parts that wait to be read.
const PARTS: usize = 2;

/// The bytes of a part that is written.
const PART: usize = 64 * 1024;

/// Lets `work` read `content`, to its end or as far as it wants. Fails if the content does, whatever the result of the
/// work.
pub(super) async fn through<T: Send + 'static, E>(
    content: impl Stream<Item = std::result::Result<Bytes, E>>,
    work: impl FnOnce(PipeReader) -> std::result::Result<T, Refusal> + Send + 'static,
) -> std::result::Result<std::result::Result<T, Refusal>, E> {
    let (sender, receiver) = channel(PARTS);
    let working =
        tokio::task::spawn_blocking(move || work(PipeReader { parts: receiver, part: Bytes::new() }));
    let mut content = pin!(content);
    while let Some(part) = content.try_next().await? {
        if sender.send(part).await.is_err() {
            break;
        }
    }
    drop(sender);
    Ok(working.await.unwrap_or(Err(Refusal::Broken)))
}

/// The end of the pipe that `work` reads from.
pub(super) struct PipeReader {
    parts: Receiver<Bytes>,
    part: Bytes,
}

impl BufRead for PipeReader {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        while self.part.is_empty() {
            match self.parts.blocking_recv() {
                Some(part) => self.part = part,
                None => break,
            }
        }
        Ok(&self.part)
    }

    fn consume(&mut self, amount: usize) {
        self.part.advance(amount.min(self.part.len()));
    }
}

impl Read for PipeReader {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

/// The end of the pipe that `work` writes to.
pub(super) struct PipeWriter {
    parts: Sender<Bytes>,
    part: Vec<u8>,
}

impl PipeWriter {
    pub(super) fn new(parts: Sender<Bytes>) -> Self {
        Self { parts, part: Vec::new() }
    }
}

impl Write for PipeWriter {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.part.extend_from_slice(bytes.get(..PART).unwrap_or(bytes));
        if self.part.len() >= PART {
            self.flush()?;
        }
        Ok(bytes.len().min(PART))
    }

    fn flush(&mut self) -> Result<()> {
        let part = std::mem::take(&mut self.part);
        if part.is_empty() {
            return Ok(());
        }
        self.parts.blocking_send(part.into()).map_err(|_gone| ErrorKind::BrokenPipe.into())
    }
}

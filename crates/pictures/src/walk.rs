//! Reads a file once, from its beginning to its end, while the parts to keep are written. However large it is, and
//! whatever lengths it claims, nothing of it is held here.

use std::io::{BufRead, Read, Result, Write};

use super::Refusal;

/// The size of a file without its metadata, and whether it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remainder {
    /// The size in bytes.
    pub size: u64,
    /// Whether it differs from the original file.
    pub differs: bool,
}

/// The file, and the writer of the result. Bytes that are read and not kept are removed.
pub(super) struct Walk<R, W> {
    from: R,
    to: W,
    read: u64,
    written: u64,
    adds: bool,
}

impl<R: BufRead, W: Write> Walk<R, W> {
    pub(super) fn new(from: R, to: W) -> Self {
        Self { from, to, read: 0, written: 0, adds: false }
    }

    /// Reads the next bytes; an error if the file ends before.
    pub(super) fn take<const N: usize>(&mut self) -> std::result::Result<[u8; N], Refusal> {
        let mut bytes = [0; N];
        self.read_exact(&mut bytes).map_err(broken)?;
        Ok(bytes)
    }

    /// Writes bytes that were read.
    pub(super) fn keep(&mut self, bytes: &[u8]) -> std::result::Result<(), Refusal> {
        self.written = self.written.saturating_add(length(bytes));
        self.to.write_all(bytes).map_err(broken)
    }

    /// Writes bytes that were not in the file.
    pub(super) fn add(&mut self, bytes: &[u8]) -> std::result::Result<(), Refusal> {
        self.adds = true;
        self.keep(bytes)
    }

    /// Keeps the next bytes.
    pub(super) fn copy(&mut self, bytes: u64) -> std::result::Result<(), Refusal> {
        self.pass(bytes, |walk, part| walk.write_all(part))?;
        self.written = self.written.saturating_add(bytes);
        Ok(())
    }

    /// Removes the next bytes.
    pub(super) fn skip(&mut self, bytes: u64) -> std::result::Result<(), Refusal> {
        self.pass(bytes, |_, _| Ok(()))
    }

    fn pass(
        &mut self,
        mut left: u64,
        to: impl Fn(&mut W, &[u8]) -> Result<()>,
    ) -> std::result::Result<(), Refusal> {
        while left > 0 {
            let part = self.from.fill_buf().map_err(broken)?;
            let part = usize::try_from(left).ok().and_then(|left| part.get(..left)).unwrap_or(part);
            if part.is_empty() {
                return Err(Refusal::Broken);
            }
            to(&mut self.to, part).map_err(broken)?;
            left -= length(part);
            let read = part.len();
            self.consume(read);
        }
        Ok(())
    }

    /// Keeps the next bytes up to one that is `end`, which is removed. `None` if the file ends before.
    pub(super) fn copy_until(&mut self, end: u8) -> std::result::Result<Option<()>, Refusal> {
        loop {
            let part = self.from.fill_buf().map_err(broken)?;
            if part.is_empty() {
                return Ok(None);
            }
            let found = part.iter().position(|byte| *byte == end);
            let part = found.and_then(|at| part.get(..at)).unwrap_or(part);
            self.to.write_all(part).map_err(broken)?;
            self.written = self.written.saturating_add(length(part));
            let read = part.len();
            self.consume(read + usize::from(found.is_some()));
            if found.is_some() {
                return Ok(Some(()));
            }
        }
    }

    /// Ends the walk: the rest of the file is removed without being read.
    pub(super) fn end(mut self) -> std::result::Result<Remainder, Refusal> {
        let has_more = !self.from.fill_buf().map_err(broken)?.is_empty();
        self.to.flush().map_err(broken)?;
        Ok(Remainder { size: self.written, differs: self.adds || has_more || self.read != self.written })
    }
}

impl<R: BufRead, W> Read for Walk<R, W> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.from.read(buffer)?;
        self.read = self.read.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}

impl<R: BufRead, W> BufRead for Walk<R, W> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        self.from.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.read = self.read.saturating_add(u64::try_from(amount).unwrap_or(u64::MAX));
        self.from.consume(amount);
    }
}

/// The next byte; `None` at the end.
pub(super) fn byte(from: &mut impl Read) -> Option<u8> {
    let mut byte = [0];
    from.read_exact(&mut byte).ok()?;
    let [byte] = byte;
    Some(byte)
}

/// The next bytes of something small; `None` if the file ends before.
pub(super) fn bytes(from: &mut impl Read, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// The refusal for an error of reading. Files in memory do not fail, and the source of a stream knows why it ended.
fn broken(_: std::io::Error) -> Refusal {
    Refusal::Broken
}

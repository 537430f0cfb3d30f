//! A file in memory that can be read for a limited time: a decoder that takes too long gets an error from its input.

use std::io::{BufRead, Cursor, Error, ErrorKind, Read, Result, Seek, SeekFrom};
use std::time::{Duration, Instant};

/// The longest time for one picture; longer in tests, which may share the machine with a compiler. Reading the clock is
/// not free, so it is read once for each [`STEP`] bytes.
const LONGEST: Duration = Duration::from_secs(if cfg!(test) { 60 } else { 5 });
const STEP: u64 = 4096;

/// The file, and the time until which it can be read.
pub(super) struct Timed<'a> {
    file: Cursor<&'a [u8]>,
    until: Instant,
    looked_at: u64,
}

impl<'a> Timed<'a> {
    pub(super) fn new(file: &'a [u8]) -> Self {
        Self::until(file, Instant::now() + LONGEST)
    }

    pub(super) fn until(file: &'a [u8], until: Instant) -> Self {
        Self { file: Cursor::new(file), until, looked_at: 0 }
    }

    fn check(&mut self) -> Result<()> {
        let at = self.file.position();
        if at.abs_diff(self.looked_at) < STEP && at != 0 {
            return Ok(());
        }
        self.looked_at = at;
        if Instant::now() > self.until { Err(Error::from(ErrorKind::TimedOut)) } else { Ok(()) }
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.check()?;
        self.file.read(buffer)
    }
}

impl BufRead for Timed<'_> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        self.check()?;
        let rest = self.file.fill_buf()?;
        let step = usize::try_from(STEP).unwrap_or(usize::MAX);
        Ok(rest.get(..step).unwrap_or(rest))
    }

    fn consume(&mut self, amount: usize) {
        self.file.consume(amount);
    }
}

impl Seek for Timed<'_> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.file.seek(to)
    }
}

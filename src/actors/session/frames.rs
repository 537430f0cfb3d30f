//! A filter for the bytes of a client on their way to the WebSocket's parser, which would buffer a frame until it is
//! whole, whatever size it claims. Each frame's head is checked here first: one that claims too much is replaced by a
//! head that no frame can have, at which the parser gives up at once.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_util::Stream;

/// The head of a frame that claims more than RFC 6455 (5.2) allows.
const IMPOSSIBLE: [u8; 10] = [0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

/// A stream of WebSocket frames, each limited in size.
pub struct Frames<S> {
    inner: S,
    scan: Scan,
}

impl<S> Frames<S> {
    /// Passes on the bytes of `inner`, until a frame claims more than `max` bytes.
    pub fn new(inner: S, max: usize) -> Self {
        Self { inner, scan: Scan { max: max as u64, head: Vec::new(), payload: 0, refused: false } }
    }
}

impl<S: Stream<Item = Result<Bytes, E>> + Unpin, E> Stream for Frames<S> {
    type Item = Result<Bytes, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while !this.scan.refused {
            match Pin::new(&mut this.inner).poll_next(cx) {
                Poll::Ready(Some(Ok(chunk))) => {
                    let passed = this.scan.pass(&chunk);
                    if !passed.is_empty() {
                        return Poll::Ready(Some(Ok(passed)));
                    }
                }
                end @ (Poll::Ready(_) | Poll::Pending) => return end,
            }
        }
        Poll::Ready(None)
    }
}

/// The position in the stream of frames.
struct Scan {
    max: u64,
    /// The bytes of a head that is not complete yet; they are held back.
    head: Vec<u8>,
    /// Bytes of the current frame that are still to come.
    payload: u64,
    refused: bool,
}

impl Scan {
    fn pass(&mut self, mut chunk: &[u8]) -> Bytes {
        let mut passed = BytesMut::with_capacity(chunk.len() + IMPOSSIBLE.len());
        while !chunk.is_empty() {
            let inside = usize::try_from(self.payload).unwrap_or(usize::MAX).min(chunk.len());
            let (payload, rest) = chunk.split_at(inside);
            passed.extend_from_slice(payload);
            self.payload -= inside as u64;
            let Some((first, rest)) = rest.split_first() else { break };
            chunk = rest;
            self.head.push(*first);
            if let Some(length) = claimed(&self.head) {
                if length > self.max {
                    self.refused = true;
                    passed.extend_from_slice(&IMPOSSIBLE);
                    break;
                }
                passed.extend_from_slice(&self.head);
                self.head.clear();
                self.payload = length;
            }
        }
        passed.freeze()
    }
}

/// The payload length that a frame claims, in bytes; `None` until its head is complete.
fn claimed(head: &[u8]) -> Option<u64> {
    let (_, rest) = head.split_first()?;
    let (second, rest) = rest.split_first()?;
    let width = match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let (length, mask) = rest.split_at_checked(width)?;
    let needed = if second & 0x80 == 0 { 0 } else { 4 };
    if mask.len() < needed {
        return None;
    }
    let short = u64::from(second & 0x7f);
    Some(if width == 0 { short } else { length.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes that pass when `bytes` arrive `step` at a time, and whether a frame was refused.
    fn passes(bytes: &[u8], step: usize) -> (Vec<u8>, bool) {
        let mut scan = Scan { max: 300, head: Vec::new(), payload: 0, refused: false };
        let mut passed = Vec::new();
        for chunk in bytes.chunks(step) {
            if !scan.refused {
                passed.extend(scan.pass(chunk));
            }
        }
        (passed, scan.refused)
    }

    #[test]
    fn frames_pass_as_they_are_until_one_claims_too_much() {
        let mut good = vec![0x81, 0x83, 1, 2, 3, 4, b'a', b'b', b'c', 0x89, 0x80, 1, 2, 3, 4];
        good.extend([0x81, 0xfe, 1, 44, 1, 2, 3, 4]);
        good.extend([b'x'; 300]);
        good.extend([0x81, 0x01, b'y']);
        for head in [vec![0x81, 0xfe, 1, 45, 1, 2, 3, 4], vec![0x81, 0x7f, 0, 0, 0, 0, 64, 0, 0, 0]] {
            let bad = [good.clone(), head, vec![b'z'; 500]].concat();
            for step in [1, 2, 7, 1000] {
                assert_eq!(passes(&good, step), (good.clone(), false), "{step}");
                let expected = [good.clone(), IMPOSSIBLE.to_vec()].concat();
                assert_eq!(passes(&bad, step), (expected, true), "{step}");
            }
        }
    }
}

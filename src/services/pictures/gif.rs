//! GIF: how many pictures are in it, the first of them, and all of them where it is small.

use std::time::Duration;

use image::codecs::gif::{GifDecoder, GifEncoder, Repeat};
use image::{AnimationDecoder, DynamicImage, Frame, ImageDecoder};

use super::Refusal;
use super::raw::{Raw, afford, limits, refuse};
use super::timed::Timed;

/// Pictures that are counted, and that a moving emoji may have.
pub(super) const MOST_FRAMES: u32 = 400;

/// Pixels that a moving emoji's pictures may have together before they are made small.
const MOST_PIXELS: u64 = 48_000_000;

/// How much thought an encoder gives to its colours: 1 much, 30 little.
const SPEED: i32 = 20;

/// Width and height of the canvas.
pub(super) fn size(file: &[u8]) -> Result<(u32, u32), Refusal> {
    match file.get(6..10) {
        Some(&[w1, w2, h1, h2]) => {
            Ok((u16::from_le_bytes([w1, w2]).into(), u16::from_le_bytes([h1, h2]).into()))
        }
        Some(_) | None => Err(Refusal::Broken),
    }
}

/// How many pictures are in it: at least 1, at most one more than [`MOST_FRAMES`].
pub(super) fn frames(file: &[u8]) -> u32 {
    let most = usize::try_from(MOST_FRAMES).unwrap_or(usize::MAX) + 1;
    let frames = Blocks::of(file).filter(|block| block.kind == Kind::Picture).take(most).count();
    u32::try_from(frames).unwrap_or(u32::MAX).max(1)
}

/// The file without comments and notes of programs, and without what follows its end. How often its pictures are
/// repeated stays.
pub(super) fn without_notes(file: &[u8]) -> Option<Vec<u8>> {
    let mut clean = file.get(..head(file)?)?.to_vec();
    for block in Blocks::of(file) {
        if block.kind != Kind::Note {
            clean.extend(block.bytes);
        }
    }
    clean.push(0x3b);
    Some(clean)
}

/// What a block is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Picture,
    /// How the next picture follows the last one, or how often all are repeated.
    Control,
    /// Whatever else there is.
    Note,
}

struct Block<'a> {
    kind: Kind,
    bytes: &'a [u8],
}

/// The blocks of a file; ends early where the file is broken.
struct Blocks<'a> {
    rest: &'a [u8],
}

impl<'a> Blocks<'a> {
    fn of(file: &'a [u8]) -> Self {
        Self { rest: head(file).and_then(|head| file.get(head..)).unwrap_or_default() }
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        let (kind, before) = match self.rest {
            [0x2c, rest @ ..] => (Kind::Picture, 10 + palette(*rest.get(8)?) + 1),
            [0x21, 0xf9, ..] => (Kind::Control, 2),
            [0x21, 0xff, rest @ ..] if rest.starts_with(b"\x0bNETSCAPE2.0") => (Kind::Control, 2),
            [0x21, ..] => (Kind::Note, 2),
            _ => return None,
        };
        let (bytes, rest) = self.rest.split_at_checked(before + parts(self.rest.get(before..)?)?)?;
        self.rest = rest;
        Some(Block { kind, bytes })
    }
}

/// The length of the counted parts at the beginning, with the empty one that ends them.
fn parts(rest: &[u8]) -> Option<usize> {
    let mut length = 0;
    loop {
        match *rest.get(length)? {
            0 => return Some(length + 1),
            part => length += 1 + usize::from(part),
        }
    }
}

/// The length of what stands before the first block.
fn head(file: &[u8]) -> Option<usize> {
    Some(13 + palette(*file.get(10)?))
}

/// Bytes of a palette, as the flags before it say.
fn palette(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

fn open(file: &[u8]) -> Result<GifDecoder<Timed<'_>>, Refusal> {
    let mut decoder = GifDecoder::new(Timed::new(file)).map_err(refuse)?;
    let (width, height) = decoder.dimensions();
    // The canvas, and a picture beside it.
    afford(u64::from(width) * u64::from(height) * 8)?;
    decoder.set_limits(limits()).map_err(refuse)?;
    Ok(decoder)
}

/// The first picture.
pub(super) fn decode_first(file: &[u8]) -> Result<Raw, Refusal> {
    Ok(Raw::new(DynamicImage::from_decoder(open(file)?).map_err(refuse)?, None))
}

/// All pictures, each made to fit in a square of `side` pixels, as a file that moves likewise.
pub(super) fn shrink(file: &[u8], side: u32) -> Result<Vec<u8>, Refusal> {
    let (width, height) = size(file)?;
    let frames = frames(file);
    let pixels = u64::from(width) * u64::from(height) * u64::from(frames);
    if frames > MOST_FRAMES || pixels > MOST_PIXELS {
        return Err(Refusal::TooLarge);
    }
    let mut out = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut out, SPEED);
    encoder.set_repeat(Repeat::Infinite).map_err(refuse)?;
    for frame in open(file)?.into_frames() {
        encoder.encode_frame(smaller(frame.map_err(refuse)?, side)).map_err(refuse)?;
    }
    drop(encoder);
    Ok(out)
}

fn smaller(frame: Frame, side: u32) -> Frame {
    let delay = Duration::from(frame.delay());
    let image = DynamicImage::from(frame.into_buffer());
    let image = if image.width().max(image.height()) > side { image.thumbnail(side, side) } else { image };
    Frame::from_parts(image.into_rgba8(), 0, 0, image::Delay::from_saturating_duration(delay))
}

//! GIF: counting its frames, decoding the first, and making an animation smaller.

use std::io::Read;
use std::time::Duration;

use image::codecs::gif::{GifDecoder, GifEncoder, Repeat};
use image::{AnimationDecoder, DynamicImage, Frame, ImageDecoder};

use super::Refusal;
use super::raw::{Raw, afford, limits, refuse};
use super::timed::Timed;
use super::walk::{byte, bytes};

/// The most frames that are counted, and that an animated icon may have.
pub(super) const MOST_FRAMES: u32 = 400;

/// The most pixels of all frames of an animated icon, before they are made smaller.
const MOST_PIXELS: u64 = 48_000_000;

/// The encoder's effort for the palette: 1 is the most, 30 the least.
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

/// Counts the frames: at least 1, at most one more than [`MOST_FRAMES`].
pub(super) fn frames(mut file: &[u8]) -> u32 {
    let mut frames = 0;
    if head(&mut file).is_some() {
        while frames <= MOST_FRAMES
            && let Some(kind) = passed(&mut file)
        {
            frames += u32::from(kind == Kind::Picture);
        }
    }
    frames.max(1)
}

/// Reads a block and discards it; answers its kind. `None` at the end. A block that is cut off within its data counts:
/// it is shown as far as it goes, and scrubbing ends it there.
fn passed(from: &mut impl Read) -> Option<Kind> {
    let head = block(from).filter(|head| *head != [END])?;
    let mut next = part(from)?;
    let kind = kind(&head, &next);
    while next != LAST
        && let Some(following) = part(from)
    {
        next = following;
    }
    Some(kind)
}

/// The byte that ends the file, and the sub-block that ends a block.
pub(super) const END: u8 = 0x3b;
pub(super) const LAST: &[u8] = &[0];

/// The kind of a block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Picture,
    /// The way in which the next frame follows the last one, or the number of repetitions.
    Control,
    /// Every other block, such as a comment.
    Note,
}

/// The kind of a block with this beginning and this first sub-block.
pub(super) fn kind(head: &[u8], first: &[u8]) -> Kind {
    match head {
        [0x2c, ..] => Kind::Picture,
        [0x21, 0xf9] => Kind::Control,
        [0x21, 0xff] if first == b"\x0bNETSCAPE2.0" => Kind::Control,
        _ => Kind::Note,
    }
}

/// The bytes before the first block. `None` if the file ends before.
pub(super) fn head(from: &mut impl Read) -> Option<Vec<u8>> {
    let head = bytes(from, 13)?;
    with_palette(*head.get(10)?, head, from)
}

/// The bytes before the sub-blocks of the next block, or the byte that ends the file. `None` where there is something
/// else, or nothing.
pub(super) fn block(from: &mut impl Read) -> Option<Vec<u8>> {
    match byte(from)? {
        END => Some(vec![END]),
        0x21 => Some(vec![0x21, byte(from)?]),
        0x2c => {
            let head = [vec![0x2c], bytes(from, 9)?].concat();
            let mut head = with_palette(*head.last()?, head, from)?;
            head.push(byte(from)?);
            Some(head)
        }
        _ => None,
    }
}

/// The next sub-block, its count included. `None` if the file ends before.
pub(super) fn part(from: &mut impl Read) -> Option<Vec<u8>> {
    let count = byte(from)?;
    let mut part = vec![count];
    part.extend(bytes(from, count.into())?);
    Some(part)
}

fn with_palette(flags: u8, mut head: Vec<u8>, from: &mut impl Read) -> Option<Vec<u8>> {
    head.extend(bytes(from, palette(flags))?);
    Some(head)
}

/// The bytes of a palette, as the flags before it declare.
fn palette(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

fn open(file: &[u8]) -> Result<GifDecoder<Timed<'_>>, Refusal> {
    let mut decoder = GifDecoder::new(Timed::new(file)).map_err(refuse)?;
    let (width, height) = decoder.dimensions();
    // The canvas, and a frame beside it.
    afford(u64::from(width) * u64::from(height) * 8)?;
    decoder.set_limits(limits()).map_err(refuse)?;
    Ok(decoder)
}

/// Decodes the first frame.
pub(super) fn decode_first(file: &[u8]) -> Result<Raw, Refusal> {
    Ok(Raw::new(DynamicImage::from_decoder(open(file)?).map_err(refuse)?, None))
}

/// Makes all frames fit in a square of `side` pixels; the result is animated in the same way.
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

//! What a picture says of itself, read without decoding a pixel.

use image::metadata::Orientation;
use image::{ImageDecoder, codecs::webp::WebPDecoder};

use super::timed::Timed;
use super::{Format, Refusal, gif, jpeg, png};

/// Pixels of a side at most.
const LONGEST_SIDE: u32 = 16_384;

/// Pixels at most, of any picture.
const MOST_PIXELS: u64 = 40_000_000;

/// Pixels that may come from very few bytes: a blank page. Above it a picture must have a byte for [`PER_BYTE`] pixels.
const FREE_PIXELS: u64 = 12_000_000;
const PER_BYTE: u64 = 128;

/// Kind and size, as it is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The kind.
    pub format: Format,
    /// Pixels across, after it is turned as its camera noted.
    pub width: u32,
    /// Pixels down, likewise.
    pub height: u32,
    /// Pictures in it: one, unless it is a GIF that moves.
    pub frames: u32,
    /// How it has to be turned.
    pub(super) orientation: Orientation,
}

/// Reads the header of `file`, and refuses sizes that nobody would show.
pub fn look(file: &[u8]) -> Result<Header, Refusal> {
    let format = Format::of(file).ok_or(Refusal::Unknown)?;
    let (width, height) = size(format, file)?;
    check(width, height, file.len())?;
    let orientation = orientation(format, file)?;
    let (width, height) = if is_on_its_side(orientation) { (height, width) } else { (width, height) };
    let frames = if format == Format::Gif { gif::frames(file) } else { 1 };
    Ok(Header { format, width, height, frames, orientation })
}

fn size(format: Format, file: &[u8]) -> Result<(u32, u32), Refusal> {
    match format {
        Format::Png => png::size(file),
        Format::Jpeg => jpeg::shape(file).map(|shape| (shape.width, shape.height)),
        Format::Gif => gif::size(file),
        Format::WebP => Ok(webp(file)?.dimensions()),
    }
}

fn orientation(format: Format, file: &[u8]) -> Result<Orientation, Refusal> {
    match format {
        Format::Png => png::orientation(file),
        Format::Jpeg => jpeg::shape(file).map(|shape| shape.orientation),
        Format::Gif => Ok(Orientation::NoTransforms),
        Format::WebP => Ok(webp(file)?.orientation().unwrap_or(Orientation::NoTransforms)),
    }
}

fn webp(file: &[u8]) -> Result<WebPDecoder<Timed<'_>>, Refusal> {
    WebPDecoder::new(Timed::new(file)).map_err(super::raw::refuse)
}

fn check(width: u32, height: u32, bytes: usize) -> Result<(), Refusal> {
    if width == 0 || height == 0 {
        return Err(Refusal::Broken);
    }
    let pixels = u64::from(width) * u64::from(height);
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    let is_dense = pixels <= FREE_PIXELS || pixels / PER_BYTE <= bytes;
    if width.max(height) > LONGEST_SIDE || pixels > MOST_PIXELS || !is_dense {
        return Err(Refusal::TooLarge);
    }
    Ok(())
}

/// Whether width and height change places.
pub(super) fn is_on_its_side(orientation: Orientation) -> bool {
    match orientation {
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => false,
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => true,
    }
}

//! The header of a picture, read without decoding a pixel.

use image::metadata::Orientation;
use image::{ImageDecoder, codecs::webp::WebPDecoder};

use super::timed::Timed;
use super::{Format, Refusal, gif, jpeg, png};

/// The most pixels of a side.
const LONGEST_SIDE: u32 = 16_384;

/// The most pixels of any picture.
const MOST_PIXELS: u64 = 40_000_000;

/// The most pixels that may come from very few bytes, as of a blank page. Above it a picture must have a byte for every
/// [`PER_BYTE`] pixels.
const FREE_PIXELS: u64 = 12_000_000;
const PER_BYTE: u64 = 128;

/// The format and size of a picture, as it is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The format.
    pub format: Format,
    /// The width in pixels, after the rotation that the camera recorded.
    pub width: u32,
    /// The height in pixels, after that rotation.
    pub height: u32,
    /// The number of frames: one, unless it is an animated GIF.
    pub frames: u32,
    /// The rotation or reflection that it needs.
    pub(super) orientation: Orientation,
}

/// Reads the header of `file`, and refuses sizes that are too large to show.
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

#[cfg(test)]
mod tests {
    use super::*;
    use linear_growth::assert_linear;

    /// Parts that a file may repeat, after the beginning of files of their format.
    const REPEATED: &[(&str, &[u8], &[u8])] = &[
        (
            "png, empty chunks",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90\x77\x53\xde",
            b"\0\0\0\0tEXt\0\0\0\0",
        ),
        (
            "png, turned",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90\x77\x53\xde",
            b"\0\0\0\x02eXIfMM\0\0\0\0",
        ),
        ("jpeg, turned", b"\xff\xd8", b"\xff\xe1\0\x08Exif\0\0"),
        ("jpeg, fill bytes", b"\xff\xd8", b"\xff"),
        ("jpeg, comments", b"\xff\xd8", b"\xff\xfe\0\x02"),
        ("gif, extensions", b"GIF89a\x01\0\x01\0\0\0\0", b"\x21\xf9\x04\0\0\0\0\0"),
        ("gif, empty comments", b"GIF89a\x01\0\x01\0\0\0\0", b"\x21\xfe\0"),
        ("gif, pictures", b"GIF89a\x01\0\x01\0\0\0\0", b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x01\x01\0"),
        (
            "webp, empty chunks",
            b"RIFF\xff\xff\xff\0WEBPVP8X\x0a\0\0\0\x08\0\0\0\0\0\0\0\0\0",
            b"EXIF\0\0\0\0",
        ),
        (
            "webp, unknown chunks",
            b"RIFF\xff\xff\xff\0WEBPVP8X\x0a\0\0\0\x08\0\0\0\0\0\0\0\0\0",
            b"abcd\0\0\0\0",
        ),
    ];

    #[test]
    fn headers_take_time_in_proportion_to_their_length() {
        for (what, start, repeated) in REPEATED {
            let file = |bytes: usize| [start, repeated.repeat(bytes / repeated.len()).as_slice()].concat();
            assert_linear(what, |file: &Vec<u8>| _ = look(file), file);
        }
    }
}

//! JPEG: its segments, and decoding at a half, a quarter or an eighth of the size, which costs that much less memory.

use std::io::Read;

use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, GrayImage, ImageEncoder, RgbImage};
use jpeg_decoder::{Decoder, Error, PixelFormat};

use super::Refusal;
use super::raw::{Raw, afford, kept, reduction};
use super::timed::Timed;
use super::walk::{byte, bytes};

/// The quality of encoded pictures, of 100.
const QUALITY: u8 = 85;

/// The beginning of a segment with the camera's metadata.
const EXIF: &[u8] = b"Exif\0\0";

/// The marker that ends the file, and the one of the header that precedes compressed pixels.
pub(super) const END: u8 = 0xd9;
pub(super) const SCAN: u8 = 0xda;

/// A segment: 64 KiB at most. The compressed pixels after the header of a scan are in none.
pub(super) struct Segment {
    /// The second byte of its marker.
    pub(super) marker: u8,
    /// Its contents.
    pub(super) body: Vec<u8>,
}

/// The facts in the header of a frame.
pub(super) struct Shape {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) orientation: Orientation,
    /// The bytes that the decoder of a progressive picture keeps for each 64 pixels until the end.
    coefficients: u64,
}

/// The next marker. `None` where there is something else, such as the zero that makes a byte of the pixels of it, or
/// nothing.
pub(super) fn marker(from: &mut impl Read) -> Option<u8> {
    if byte(from)? == 0xff { behind_ff(from).filter(|marker| *marker != 0) } else { None }
}

/// The second byte of a marker. Its first byte may be repeated as padding.
pub(super) fn behind_ff(from: &mut impl Read) -> Option<u8> {
    loop {
        match byte(from)? {
            0xff => {}
            marker => return Some(marker),
        }
    }
}

/// The segment of a marker, whose body is empty if the marker has none. `None` if the file ends before.
pub(super) fn segment(marker: u8, from: &mut impl Read) -> Option<Segment> {
    if matches!(marker, 0x01 | 0xd0..=END) {
        return Some(Segment { marker, body: Vec::new() });
    }
    let length = u16::from_be_bytes([byte(from)?, byte(from)?]).checked_sub(2)?;
    Some(Segment { marker, body: bytes(from, length.into())? })
}

impl Segment {
    /// The whole segment, marker and length included.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let length = u16::try_from(self.body.len() + 2).unwrap_or(u16::MAX).to_be_bytes();
        [&[0xff, self.marker], &length[..], &self.body].concat()
    }

    /// The picture's orientation, if this is a segment of metadata that contains it.
    pub(super) fn orientation(&self) -> Option<Orientation> {
        let exif = (self.marker == 0xe1).then(|| self.body.strip_prefix(EXIF)).flatten()?;
        Orientation::from_exif_chunk(exif)
    }

    /// The picture's shape, if this is the header of a frame. Only of the types that cameras and programs write:
    /// baseline, extended, progressive.
    pub(super) fn frame(&self) -> Result<Option<Shape>, Refusal> {
        if matches!(self.marker, 0xc0..=0xc2) {
            frame(self).map(Some).ok_or(Refusal::Broken)
        } else {
            Ok(None)
        }
    }
}

/// Reads the header of the frame. Of several orientations, the first is believed.
pub(super) fn shape(file: &[u8]) -> Result<Shape, Refusal> {
    let mut rest = file.get(2..).unwrap_or_default();
    let mut orientation = None;
    while let Some(segment) = marker(&mut rest).and_then(|marker| segment(marker, &mut rest)) {
        orientation = orientation.or_else(|| segment.orientation());
        if let Some(shape) = segment.frame()? {
            return Ok(Shape { orientation: orientation.unwrap_or(shape.orientation), ..shape });
        }
        if matches!(segment.marker, SCAN | END) {
            break;
        }
    }
    Err(Refusal::Broken)
}

fn frame(segment: &Segment) -> Option<Shape> {
    let (&[_precision, h1, h2, w1, w2, components], samplings) = segment.body.split_first_chunk::<6>()?;
    let (width, height) = (u16::from_be_bytes([w1, w2]), u16::from_be_bytes([h1, h2]));
    let areas: Vec<(u64, u64)> = samplings
        .chunks_exact(3)
        .take(components.into())
        .filter_map(|c| c.get(1).map(|s| (u64::from(s >> 4), u64::from(s & 15))))
        .collect();
    let widest = areas.iter().map(|a| a.0).max()? * areas.iter().map(|a| a.1).max()?;
    let all: u64 = areas.iter().map(|(across, down)| across * down * 128).sum();
    let coefficients = if segment.marker == 0xc2 { all.div_ceil(widest.max(1)) } else { 0 };
    let orientation = Orientation::NoTransforms;
    Some(Shape { width: width.into(), height: height.into(), orientation, coefficients })
}

/// Decodes it with about `side` pixels across, or more.
pub(super) fn decode(file: &[u8], side: u32) -> Result<Raw, Refusal> {
    let shape = shape(file)?;
    let (width, height) = (shape.width, shape.height);
    let by = scale(&shape, side);
    let mut decoder = Decoder::new(Timed::new(file));
    let narrow = |n: u32| u16::try_from(n.div_ceil(by)).unwrap_or(u16::MAX);
    decoder.scale(narrow(width), narrow(height)).map_err(refuse)?;
    let held = u64::from(width) * u64::from(height) * shape.coefficients / 64;
    afford(held + kept(width, height, by) * 6)?;
    let pixels = decoder.decode().map_err(refuse)?;
    let info = decoder.info().ok_or(Refusal::Broken)?;
    let image = assemble(info.width.into(), info.height.into(), info.pixel_format, pixels)?;
    let profile = decoder.icc_profile().filter(|_| info.pixel_format != PixelFormat::CMYK32);
    Ok(Raw::new(image, profile))
}

/// The divisor of the size, 1, 2, 4 or 8: the greatest that leaves enough pixels, or more where memory demands it.
fn scale(shape: &Shape, side: u32) -> u32 {
    let wanted = reduction(shape.width, shape.height, 1, side);
    let mut by = if wanted.is_power_of_two() { wanted } else { wanted.next_power_of_two() / 2 };
    while by < 8 && kept(shape.width, shape.height, by) * 3 > super::raw::KEPT {
        by *= 2;
    }
    by.min(8)
}

fn assemble(width: u32, height: u32, format: PixelFormat, pixels: Vec<u8>) -> Result<DynamicImage, Refusal> {
    let image = match format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::from),
        PixelFormat::RGB24 => RgbImage::from_raw(width, height, pixels).map(DynamicImage::from),
        PixelFormat::CMYK32 => RgbImage::from_raw(width, height, printed(&pixels)).map(DynamicImage::from),
        PixelFormat::L16 => None,
    };
    image.ok_or(Refusal::Broken)
}

/// Converts CMYK pixels to RGB.
fn printed(pixels: &[u8]) -> Vec<u8> {
    let lit = |ink: u8, black: u8| {
        u8::try_from(u16::from(255 - ink) * u16::from(255 - black) / 255).unwrap_or(u8::MAX)
    };
    let (inks, _) = pixels.as_chunks::<4>();
    inks.iter().flat_map(|[c, m, y, k]| [lit(*c, *k), lit(*m, *k), lit(*y, *k)]).collect()
}

/// Encodes a picture without transparent parts.
pub(super) fn encode(image: &DynamicImage, profile: Option<&Vec<u8>>) -> Result<Vec<u8>, Refusal> {
    let mut file = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, QUALITY);
    if let Some(profile) = profile {
        // A profile that this format cannot hold is left out.
        drop(encoder.set_icc_profile(profile.clone()));
    }
    let (width, height) = (image.width(), image.height());
    let written = if let DynamicImage::ImageLuma8(grey) = image {
        encoder.write_image(grey, width, height, ExtendedColorType::L8)
    } else {
        encoder.write_image(&image.to_rgb8(), width, height, ExtendedColorType::Rgb8)
    };
    written.map_err(super::raw::refuse)?;
    Ok(file)
}

fn refuse(error: Error) -> Refusal {
    match error {
        Error::Io(e) if e.kind() == std::io::ErrorKind::TimedOut => Refusal::Slow,
        Error::Io(_) | Error::Format(_) | Error::Unsupported(_) | Error::Internal(_) => Refusal::Broken,
    }
}

//! JPEG: its segments, and decoding at a half, a quarter or an eighth of the size, which costs as much less memory.

use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, GrayImage, ImageEncoder, RgbImage};
use jpeg_decoder::{Decoder, Error, PixelFormat};

use super::Refusal;
use super::raw::{Raw, afford, kept, reduction};
use super::timed::Timed;

/// The quality of what is encoded, of 100.
const QUALITY: u8 = 85;

/// What stands at the beginning of a segment that holds what the camera noted.
pub(super) const EXIF: &[u8] = b"Exif\0\0";

/// A segment, or the compressed pixels that follow the header of a scan.
pub(super) struct Segment<'a> {
    /// The second byte of its marker.
    pub(super) marker: u8,
    /// The whole of it, marker and length included; of a scan also its pixels.
    pub(super) bytes: &'a [u8],
    /// What is in it.
    pub(super) body: &'a [u8],
}

/// What the header of a frame says.
pub(super) struct Shape {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) orientation: Orientation,
    /// Bytes that the decoder keeps for each 64 pixels until the end: of a progressive picture.
    coefficients: u64,
}

/// The segments of a file, from behind its first marker to its end marker. Ends early where the file is broken.
pub(super) struct Segments<'a> {
    rest: &'a [u8],
}

impl<'a> Segments<'a> {
    pub(super) fn of(file: &'a [u8]) -> Self {
        Self { rest: file.get(2..).unwrap_or_default() }
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        let (&[0xff, marker], behind) = self.rest.split_first_chunk::<2>()? else { return None };
        match marker {
            // Markers may be preceded by any number of filling bytes.
            0xff => {
                self.rest = self.rest.get(1..)?;
                return self.next();
            }
            0xd9 => return None,
            0x01 | 0xd0..=0xd8 => {
                self.rest = behind;
                return self.next();
            }
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(*behind.first_chunk()?));
        let body = behind.get(2..length)?;
        let pixels = if marker == 0xda { entropy(behind.get(length..)?) } else { 0 };
        let (bytes, rest) = self.rest.split_at_checked(2 + length + pixels)?;
        self.rest = rest;
        Some(Segment { marker, bytes, body })
    }
}

/// The length of the compressed pixels at the beginning of `rest`: up to a marker that is neither a stuffed byte nor a
/// restart.
fn entropy(rest: &[u8]) -> usize {
    let ends =
        |pair: &[u8]| matches!(pair, [0xff, marker] if *marker != 0 && !(0xd0..=0xd7).contains(marker));
    rest.windows(2).position(ends).unwrap_or(rest.len())
}

/// Reads the header of the frame. Only the kinds that cameras and programs write: baseline, extended, progressive.
pub(super) fn shape(file: &[u8]) -> Result<Shape, Refusal> {
    let mut orientation = Orientation::NoTransforms;
    for segment in Segments::of(file) {
        match segment.marker {
            0xe1 => {
                let exif = segment.body.strip_prefix(EXIF);
                orientation = exif.and_then(Orientation::from_exif_chunk).unwrap_or(orientation);
            }
            0xc0..=0xc2 => return frame(&segment, orientation).ok_or(Refusal::Broken),
            0xda => break,
            _ => {}
        }
    }
    Err(Refusal::Broken)
}

fn frame(segment: &Segment<'_>, orientation: Orientation) -> Option<Shape> {
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

/// 1, 2, 4 or 8: the finest scale that leaves no more than is needed, and that can be kept.
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

/// From the colours of a printer to those of a screen.
fn printed(pixels: &[u8]) -> Vec<u8> {
    let lit = |ink: u8, black: u8| {
        u8::try_from(u16::from(255 - ink) * u16::from(255 - black) / 255).unwrap_or(u8::MAX)
    };
    let (inks, _) = pixels.as_chunks::<4>();
    inks.iter().flat_map(|[c, m, y, k]| [lit(*c, *k), lit(*m, *k), lit(*y, *k)]).collect()
}

/// Encodes what has no transparent parts.
pub(super) fn encode(image: &DynamicImage, profile: Option<&Vec<u8>>) -> Result<Vec<u8>, Refusal> {
    let mut file = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, QUALITY);
    if let Some(profile) = profile {
        // A profile that this kind of file cannot hold is left out.
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

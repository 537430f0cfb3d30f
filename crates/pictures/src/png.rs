//! PNG: read row by row, so that a large one is reduced while it is decoded and is never in memory as a whole.

use image::metadata::Orientation;
use image::{DynamicImage, GrayAlphaImage, GrayImage, ImageEncoder, RgbImage, RgbaImage};
use png::{Decoder, DecodingError, Limits, Reader, Transformations};

use super::Refusal;
use super::raw::{Raw, afford, kept, reduction};
use super::timed::Timed;

/// The most bytes of a PNG's own chunks (palette, colour profile, comments).
const CHUNKS: usize = 1 << 20;

/// Width and height.
pub(super) fn size(file: &[u8]) -> Result<(u32, u32), Refusal> {
    let side = |at: usize| file.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes);
    match (file.get(12..16), side(16), side(20)) {
        (Some(b"IHDR"), Some(width), Some(height)) => Ok((width, height)),
        (_, _, _) => Err(Refusal::Broken),
    }
}

pub(super) fn orientation(file: &[u8]) -> Result<Orientation, Refusal> {
    let reader = open(file)?;
    let exif = reader.info().exif_metadata.as_deref();
    Ok(exif.and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms))
}

pub(super) fn decode(file: &[u8], side: u32) -> Result<Raw, Refusal> {
    let mut reader = open(file)?;
    let (width, height) = (reader.info().width, reader.info().height);
    let channels = reader.output_color_type().0.samples();
    let by = reduction(width, height, u64::try_from(channels).unwrap_or(4), side);
    let profile = reader.info().icc_profile.as_deref().map(<[u8]>::to_vec);
    let image = if by > 1 && !reader.info().interlaced {
        reduced(&mut reader, (width, height), channels, by)?
    } else {
        let pixels = whole(&mut reader, width, height, channels)?;
        assemble(width, height, channels, pixels)?
    };
    Ok(Raw::new(image, profile))
}

fn open(file: &[u8]) -> Result<Reader<Timed<'_>>, Refusal> {
    let mut decoder = Decoder::new_with_limits(Timed::new(file), Limits { bytes: CHUNKS });
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    decoder.read_info().map_err(refuse)
}

/// Reads all pixels at once.
fn whole(
    reader: &mut Reader<Timed<'_>>,
    width: u32,
    height: u32,
    channels: usize,
) -> Result<Vec<u8>, Refusal> {
    afford(kept(width, height, 1) * u64::try_from(channels).unwrap_or(4))?;
    let mut pixels = vec![0; reader.output_buffer_size().ok_or(Refusal::TooLarge)?];
    let info = reader.next_frame(&mut pixels).map_err(refuse)?;
    pixels.truncate(info.buffer_size());
    Ok(pixels)
}

/// Averages each square of `by` × `by` pixels; incomplete squares at the right and the bottom are dropped.
fn reduced(
    reader: &mut Reader<Timed<'_>>,
    (width, height): (u32, u32),
    channels: usize,
    by: u32,
) -> Result<DynamicImage, Refusal> {
    let (across, down) = (width / by, height / by);
    let step = usize::try_from(by).map_err(|_wide| Refusal::TooLarge)?;
    let columns = usize::try_from(across).map_err(|_wide| Refusal::TooLarge)?;
    let mut sums = vec![0_u32; columns * channels];
    let mut pixels = Vec::with_capacity(sums.len() * usize::try_from(down).unwrap_or(0));
    for row in 1..=down * by {
        let line = reader.next_row().map_err(refuse)?.ok_or(Refusal::Broken)?;
        add(&mut sums, line.data(), channels, step);
        if row % by == 0 {
            pixels.extend(sums.iter().map(|sum| mean(*sum, by * by)));
            sums.fill(0);
        }
    }
    assemble(across, down, channels, pixels)
}

/// Adds each `step` pixels of a line to their column's sums.
fn add(sums: &mut [u32], line: &[u8], channels: usize, step: usize) {
    for (sums, pixels) in sums.chunks_exact_mut(channels).zip(line.chunks_exact(channels * step)) {
        for pixel in pixels.chunks_exact(channels) {
            for (sum, value) in sums.iter_mut().zip(pixel) {
                *sum += u32::from(*value);
            }
        }
    }
}

fn mean(sum: u32, of: u32) -> u8 {
    u8::try_from(sum / of.max(1)).unwrap_or(u8::MAX)
}

fn assemble(width: u32, height: u32, channels: usize, pixels: Vec<u8>) -> Result<DynamicImage, Refusal> {
    let image = match channels {
        1 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::from),
        2 => GrayAlphaImage::from_raw(width, height, pixels).map(DynamicImage::from),
        3 => RgbImage::from_raw(width, height, pixels).map(DynamicImage::from),
        _ => RgbaImage::from_raw(width, height, pixels).map(DynamicImage::from),
    };
    image.ok_or(Refusal::Broken)
}

fn refuse(error: DecodingError) -> Refusal {
    match error {
        DecodingError::LimitsExceeded => Refusal::TooLarge,
        DecodingError::IoError(e) if e.kind() == std::io::ErrorKind::TimedOut => Refusal::Slow,
        DecodingError::IoError(_) | DecodingError::Format(_) | DecodingError::Parameter(_) => Refusal::Broken,
    }
}

/// Encodes a picture that has, or may have, transparent parts.
pub(super) fn encode(image: &DynamicImage, profile: Option<&Vec<u8>>) -> Result<Vec<u8>, Refusal> {
    let mut file = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut file);
    if let Some(profile) = profile {
        // A profile that this format cannot hold is left out.
        drop(encoder.set_icc_profile(profile.clone()));
    }
    image.write_with_encoder(encoder).map_err(super::raw::refuse)?;
    Ok(file)
}

//! Takes out of a picture file what its camera and its programs noted (where, when, by whom) and what hides behind its
//! end. Pixels are not decoded; how the picture is turned, its colours and its movement stay.

use image::metadata::Orientation;

use super::jpeg::{self, Segments};
use super::{Format, Refusal};

/// A TIFF header and one directory with one entry: the orientation, whose value is put at [`VALUE`].
const NOTE: &[u8] = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
const VALUE: usize = 25;

/// The file without its metadata; `None` if nothing had to be taken out.
pub fn scrubbed(file: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
    let clean = match Format::of(file).ok_or(Refusal::Unknown)? {
        Format::Png => png(file)?,
        Format::Jpeg => of_jpeg(file)?,
        Format::Gif => gif(file)?,
        Format::WebP => webp(file)?,
    };
    Ok((clean != file).then_some(clean))
}

fn of_jpeg(file: &[u8]) -> Result<Vec<u8>, Refusal> {
    let orientation = jpeg::shape(file)?.orientation;
    let mut clean = Vec::with_capacity(file.len());
    clean.extend([0xff, 0xd8]);
    let mut noted = orientation == Orientation::NoTransforms;
    for segment in Segments::of(file) {
        if !noted && segment.marker != 0xe0 {
            clean.extend(note(orientation));
            noted = true;
        }
        if stays(segment.marker, segment.body) {
            clean.extend(segment.bytes);
        }
    }
    clean.extend([0xff, 0xd9]);
    Ok(clean)
}

/// Application segments go, but for those that say how to read the colours; comments go.
fn stays(marker: u8, body: &[u8]) -> bool {
    match marker {
        0xe0 => body.starts_with(b"JFIF\0"),
        0xe2 => body.starts_with(b"ICC_PROFILE\0"),
        0xee => body.starts_with(b"Adobe"),
        0xe1 | 0xe3..=0xed | 0xef | 0xfe => false,
        _ => true,
    }
}

/// A segment that tells the orientation and nothing else.
fn note(orientation: Orientation) -> Vec<u8> {
    let length = u16::try_from(NOTE.len() + 2).unwrap_or_default().to_be_bytes();
    let mut segment = [&[0xff, 0xe1], &length[..], NOTE].concat();
    if let Some(value) = segment.get_mut(4 + VALUE) {
        *value = orientation.to_exif();
    }
    segment
}

/// The chunks without which the picture would look different; what follows the last one goes.
const PNG_CHUNKS: [&[u8]; 16] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT",
    b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];

fn png(file: &[u8]) -> Result<Vec<u8>, Refusal> {
    let (head, mut rest) = file.split_at_checked(8).ok_or(Refusal::Broken)?;
    let mut clean = head.to_vec();
    while let Some((length, name)) = png_chunk(rest) {
        let (chunk, behind) = rest.split_at_checked(length).ok_or(Refusal::Broken)?;
        if PNG_CHUNKS.contains(&name) {
            clean.extend(chunk);
        }
        if name == b"IEND" {
            return Ok(clean);
        }
        rest = behind;
    }
    Err(Refusal::Broken)
}

/// Length (with its frame of 12 bytes) and name of the chunk at the beginning.
fn png_chunk(rest: &[u8]) -> Option<(usize, &[u8])> {
    let length = u32::from_be_bytes(*rest.first_chunk()?);
    Some((usize::try_from(length).ok()?.checked_add(12)?, rest.get(4..8)?))
}

/// Comments and notes of programs go, but for how often the pictures are repeated.
fn gif(file: &[u8]) -> Result<Vec<u8>, Refusal> {
    super::gif::without_notes(file).ok_or(Refusal::Broken)
}

/// The chunks of the notes go, and with them the flags that announce them.
fn webp(file: &[u8]) -> Result<Vec<u8>, Refusal> {
    let riff = file.get(4..8).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    let end =
        riff.and_then(|n| usize::try_from(n).ok()).and_then(|n| n.checked_add(8)).ok_or(Refusal::Broken)?;
    let mut rest = file.get(12..end).ok_or(Refusal::Broken)?;
    let mut body = b"WEBP".to_vec();
    while let Some((length, name)) = webp_chunk(rest) {
        let (chunk, behind) = rest.split_at_checked(length).ok_or(Refusal::Broken)?;
        match name {
            b"EXIF" | b"XMP " => {}
            b"VP8X" => body.extend(unflagged(chunk)),
            b"VP8 " | b"VP8L" | b"ANIM" | b"ANMF" | b"ALPH" | b"ICCP" => body.extend(chunk),
            _ => {}
        }
        rest = behind;
    }
    let length = u32::try_from(body.len()).map_err(|_huge| Refusal::TooLarge)?.to_le_bytes();
    Ok([b"RIFF", &length[..], &body].concat())
}

/// Length (with its frame, and filled up to an even number) and name of the chunk at the beginning.
fn webp_chunk(rest: &[u8]) -> Option<(usize, &[u8])> {
    let length = usize::try_from(u32::from_le_bytes(rest.get(4..8)?.try_into().ok()?)).ok()?;
    Some((length.checked_add(length & 1)?.checked_add(8)?, rest.get(..4)?))
}

fn unflagged(chunk: &[u8]) -> Vec<u8> {
    let mut chunk = chunk.to_vec();
    if let Some(flags) = chunk.get_mut(8) {
        // Bits 3 and 2: there is EXIF, there is XMP.
        *flags &= !0x0c;
    }
    chunk
}

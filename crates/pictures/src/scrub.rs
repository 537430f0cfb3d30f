//! Removes from a picture file the metadata of cameras and programs (place, time, author) and hidden data after its
//! end. Pixels are not decoded; orientation, colours and animation stay.
//!
//! Files of every size are read as a stream. Each is read twice: first to measure the result, which is all there is to
//! do if nothing is to be removed, then to write it.

use std::io::{BufRead, Read, Write};

use image::metadata::Orientation;

use super::jpeg::{self, Segment};
use super::walk::{Remainder, Walk, byte};
use super::{Format, Refusal, gif};

/// A TIFF header and one directory with one entry: the orientation, whose value is put at [`VALUE`].
const NOTE: &[u8] = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
const VALUE: usize = 25;

/// The file without its metadata; `None` if nothing had to be removed.
pub fn scrubbed(file: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
    let remainder = measure(file)?;
    if !remainder.differs {
        return Ok(None);
    }
    let mut clean = Vec::with_capacity(usize::try_from(remainder.size).unwrap_or(0));
    rewrite(file, &mut clean, remainder)?;
    Ok(Some(clean))
}

/// Measures a file as it would be without its metadata.
pub fn measure(from: impl BufRead) -> Result<Remainder, Refusal> {
    walk(from, std::io::sink(), None)
}

/// Writes a file, which was measured before, without its metadata.
pub fn rewrite(from: impl BufRead, to: impl Write, measured: Remainder) -> Result<(), Refusal> {
    let written = walk(from, to, Some(measured.size))?;
    if written.size == measured.size { Ok(()) } else { Err(Refusal::Broken) }
}

fn walk(mut from: impl BufRead, to: impl Write, size: Option<u64>) -> Result<Remainder, Refusal> {
    let mut head = Vec::new();
    (&mut from).take(16).read_to_end(&mut head).map_err(|_cut| Refusal::Broken)?;
    let format = Format::of(&head).ok_or(Refusal::Unknown)?;
    let mut walk = Walk::new(head.as_slice().chain(from), to);
    match format {
        Format::Png => png(&mut walk)?,
        Format::Jpeg => of_jpeg(&mut walk)?,
        Format::Gif => of_gif(&mut walk)?,
        Format::WebP => webp(&mut walk, size)?,
    }
    walk.end()
}

/// The progress in a JPEG.
#[derive(Default)]
struct Come {
    /// Whether its orientation was found.
    is_turned: bool,
    /// Whether the header of its frame was found, without which there can be no pixels.
    is_framed: bool,
}

/// Scrubs a JPEG. A file that is cut off is ended there, so that the rest of it can be shown.
fn of_jpeg<R: BufRead, W: Write>(walk: &mut Walk<R, W>) -> Result<(), Refusal> {
    walk.copy(2)?;
    let mut come = Come::default();
    let mut next = jpeg::marker(walk);
    while let Some(marker) = next.filter(|marker| *marker != jpeg::END) {
        let Some(segment) = jpeg::segment(marker, walk) else {
            next = None;
            break;
        };
        of_segment(walk, &segment, &mut come)?;
        next = if marker == jpeg::SCAN { pixels(walk)? } else { jpeg::marker(walk) };
    }
    if !come.is_framed {
        return Err(Refusal::Broken);
    }
    let end = [0xff, jpeg::END];
    if next.is_some() { walk.keep(&end) } else { walk.add(&end) }
}

/// Scrubs a segment. The first with an orientation is replaced by one that contains nothing else.
fn of_segment<R: BufRead, W: Write>(
    walk: &mut Walk<R, W>,
    segment: &Segment,
    come: &mut Come,
) -> Result<(), Refusal> {
    if !come.is_turned
        && !come.is_framed
        && let Some(orientation) = segment.orientation()
    {
        come.is_turned = true;
        let note = note(orientation);
        return if orientation == Orientation::NoTransforms {
            Ok(())
        } else if note == segment.body {
            walk.keep(&segment.bytes())
        } else {
            walk.add(&Segment { marker: segment.marker, body: note }.bytes())
        };
    }
    if !come.is_framed {
        come.is_framed = segment.frame()?.is_some();
        if segment.marker == jpeg::SCAN {
            return Err(Refusal::Broken);
        }
    }
    if stays(segment) { walk.keep(&segment.bytes()) } else { Ok(()) }
}

/// Keeps the compressed pixels after the header of a scan. Answers the marker that ends them; `None` if the file ends.
fn pixels<R: BufRead, W: Write>(walk: &mut Walk<R, W>) -> Result<Option<u8>, Refusal> {
    while walk.copy_until(0xff)?.is_some() {
        match jpeg::behind_ff(walk) {
            // A byte of the pixels that looks like a marker, and restart markers.
            Some(of_pixels @ (0 | 0xd0..=0xd7)) => walk.keep(&[0xff, of_pixels])?,
            marker => return Ok(marker),
        }
    }
    Ok(None)
}

/// Whether a segment is kept: application segments are not, except those for the colours; comments are not.
fn stays(segment: &Segment) -> bool {
    match segment.marker {
        0xe0 => segment.body.starts_with(b"JFIF\0"),
        0xe2 => segment.body.starts_with(b"ICC_PROFILE\0"),
        0xee => segment.body.starts_with(b"Adobe"),
        0x01 | 0xd0..=0xd8 | 0xe1 | 0xe3..=0xed | 0xef | 0xfe => false,
        _ => true,
    }
}

/// A segment with the orientation and nothing else.
fn note(orientation: Orientation) -> Vec<u8> {
    let mut note = NOTE.to_vec();
    if let Some(value) = note.get_mut(VALUE) {
        *value = orientation.to_exif();
    }
    note
}

/// The chunks without which the picture would look different; data after the last one is removed.
const PNG_CHUNKS: [&[u8]; 16] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT",
    b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];

fn png<R: BufRead, W: Write>(walk: &mut Walk<R, W>) -> Result<(), Refusal> {
    walk.copy(8)?;
    loop {
        let (length, name) = (walk.take::<4>()?, walk.take::<4>()?);
        // Its checksum is not part of the length.
        let rest = u64::from(u32::from_be_bytes(length)) + 4;
        if PNG_CHUNKS.contains(&name.as_slice()) {
            walk.keep(&length)?;
            walk.keep(&name)?;
            walk.copy(rest)?;
        } else {
            walk.skip(rest)?;
        }
        if &name == b"IEND" {
            return Ok(());
        }
    }
}

/// Scrubs a GIF of comments and application data, except the number of repetitions. A file that is cut off is ended
/// there.
fn of_gif<R: BufRead, W: Write>(walk: &mut Walk<R, W>) -> Result<(), Refusal> {
    let head = gif::head(walk).ok_or(Refusal::Broken)?;
    walk.keep(&head)?;
    while let Some(head) = gif::block(walk) {
        if head == [gif::END] {
            return walk.keep(&head);
        }
        if parts(walk, &head)?.is_none() {
            break;
        }
    }
    walk.add(&[gif::END])
}

/// Keeps a block, or removes it. `None` if the file ends within.
fn parts<R: BufRead, W: Write>(walk: &mut Walk<R, W>, head: &[u8]) -> Result<Option<()>, Refusal> {
    let Some(mut part) = gif::part(walk) else { return Ok(None) };
    let stays = gif::kind(head, &part) != gif::Kind::Note;
    if stays {
        walk.keep(head)?;
    }
    loop {
        if stays {
            walk.keep(&part)?;
        }
        if part == gif::LAST {
            return Ok(Some(()));
        }
        match gif::part(walk) {
            Some(next) => part = next,
            None if stays => return walk.add(gif::LAST).map(|()| None),
            None => return Ok(None),
        }
    }
}

/// Scrubs a WebP of the metadata chunks, and of the flags that announce them. The length is at the beginning: that of
/// the result, once it was measured.
fn webp<R: BufRead, W: Write>(walk: &mut Walk<R, W>, size: Option<u64>) -> Result<(), Refusal> {
    let (riff, length, webp) = (walk.take::<4>()?, walk.take::<4>()?, walk.take::<4>()?);
    let mut rest = u64::from(u32::from_le_bytes(length)).checked_sub(4).ok_or(Refusal::Broken)?;
    let shorter = size.and_then(|size| u32::try_from(size.checked_sub(8)?).ok()).map(u32::to_le_bytes);
    for head in [riff, shorter.unwrap_or(length), webp] {
        walk.keep(&head)?;
    }
    while rest >= 8 {
        let (name, length) = (walk.take::<4>()?, walk.take::<4>()?);
        let body = u64::from(u32::from_le_bytes(length));
        // Padded to an even number.
        let body = body + (body & 1);
        rest = rest.checked_sub(8 + body).ok_or(Refusal::Broken)?;
        match &name {
            b"VP8X" | b"VP8 " | b"VP8L" | b"ANIM" | b"ANMF" | b"ALPH" | b"ICCP" => {
                walk.keep(&name)?;
                walk.keep(&length)?;
                let flags = if &name == b"VP8X" && body > 0 { unflag(walk)? } else { 0 };
                walk.copy(body - flags)?;
            }
            _ => walk.skip(body)?,
        }
    }
    walk.skip(rest)
}

/// Keeps the flags at the beginning of a chunk, except bits 3 (EXIF) and 2 (XMP). Answers the number of bytes.
fn unflag<R: BufRead, W: Write>(walk: &mut Walk<R, W>) -> Result<u64, Refusal> {
    let flags = byte(walk).ok_or(Refusal::Broken)?;
    let clean = [flags & !0x0c];
    if clean == [flags] {
        walk.keep(&clean)?
    } else {
        walk.add(&clean)?
    }
    Ok(1)
}

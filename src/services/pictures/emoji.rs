//! Custom emoji: small, and animated if the original is.

use super::decode::decode;
use super::raw::Raw;
use super::{Encoded, Format, Refusal, gif, header, png, render};

/// The most pixels of a side.
const SIDE: u32 = 128;

/// The emoji of a picture: an animated GIF stays one, every other picture becomes a PNG.
pub(super) fn emoji(file: &[u8]) -> Result<Encoded, Refusal> {
    let header = header::look(file)?;
    if header.frames > 1 {
        return Ok(Encoded { format: Format::Gif, bytes: gif::shrink(file, SIDE)? });
    }
    let Raw { image, profile } = decode(file, &header, SIDE * 2)?;
    let mut image = render::fit(image, (SIDE, SIDE));
    image.apply_orientation(header.orientation);
    Ok(Encoded { format: Format::Png, bytes: png::encode(&image, profile.as_ref())? })
}

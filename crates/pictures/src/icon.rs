//! Small pictures that stand in a line of text: animated if the original is.

use super::decode::decode;
use super::raw::Raw;
use super::{Bounds, Encoded, Format, Refusal, gif, header, png, render};

/// The picture, reduced to fit in a square of `side` pixels: an animated GIF stays one, every other picture becomes a PNG.
pub fn icon(file: &[u8], side: u32) -> Result<Encoded, Refusal> {
    let header = header::look(file)?;
    if header.frames > 1 {
        return Ok(Encoded { format: Format::Gif, bytes: gif::shrink(file, side)? });
    }
    let Raw { image, profile } = decode(file, &header, side.saturating_mul(2))?;
    let mut image = render::fit(image, Bounds { width: side, height: side });
    image.apply_orientation(header.orientation);
    Ok(Encoded { format: Format::Png, bytes: png::encode(&image, profile.as_ref())? })
}

//! The middle of a picture, as a square.

use image::DynamicImage;

use super::decode::decode;
use super::raw::Raw;
use super::{Encoded, Format, Refusal, header, png};

/// The middle of the picture as a PNG of at most `side` pixels.
pub fn square(file: &[u8], side: u32) -> Result<Encoded, Refusal> {
    let header = header::look(file)?;
    let Raw { image, profile } = decode(file, &header, side.saturating_mul(2))?;
    let mut image = middle(&image);
    if image.width() > side {
        image = image.thumbnail_exact(side, side);
    }
    image.apply_orientation(header.orientation);
    Ok(Encoded { format: Format::Png, bytes: png::encode(&image, profile.as_ref())? })
}

fn middle(image: &DynamicImage) -> DynamicImage {
    let (width, height) = (image.width(), image.height());
    let side = width.min(height);
    image.crop_imm((width - side) / 2, (height - side) / 2, side, side)
}

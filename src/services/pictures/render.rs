//! The renderings of a picture file: a thumbnail for lists, a preview for the conversation, and a placeholder of a few
//! hundred bytes that is shown before either.

use image::DynamicImage;

use super::decode::decode;
use super::raw::Raw;
use super::{Encoded, Format, Header, Refusal, header, jpeg, png};

/// The most pixels of a thumbnail: across and down.
pub const THUMBNAIL: (u32, u32) = (120, 100);

/// The most pixels of a preview across.
pub const PREVIEW_WIDTH: u32 = 1920;

/// The most pixels of a preview down.
const PREVIEW_HEIGHT: u32 = 8192;

/// The most pixels of a placeholder's side.
const MINI: u32 = 16;

/// The renderings of a picture.
#[derive(Debug)]
pub struct Renderings {
    /// The header of the file itself.
    pub header: Header,
    /// The thumbnail, within [`THUMBNAIL`]; JPEG, or PNG if it has transparent parts.
    pub thumbnail: Encoded,
    /// The preview, at most [`PREVIEW_WIDTH`] across; JPEG, or PNG if it has transparent parts.
    pub preview: Encoded,
    /// The placeholder, a tiny JPEG.
    pub mini: Vec<u8>,
}

pub(super) fn renderings(file: &[u8]) -> Result<Renderings, Refusal> {
    let header = header::look(file)?;
    let Raw { image, profile } = decode(file, &header, PREVIEW_WIDTH)?;
    let mut preview = fit(image, turned_bounds(&header, (PREVIEW_WIDTH, PREVIEW_HEIGHT)));
    preview.apply_orientation(header.orientation);
    let thumbnail = fitted(&preview, THUMBNAIL);
    let mini = jpeg::encode(&over_white(&fitted(&thumbnail, (MINI, MINI))), None)?;
    Ok(Renderings {
        header,
        thumbnail: encode(&thumbnail, profile.as_ref())?,
        preview: encode(&preview, profile.as_ref())?,
        mini,
    })
}

/// The bounds that apply before the picture is rotated.
fn turned_bounds(header: &Header, (across, down): (u32, u32)) -> (u32, u32) {
    if header::is_on_its_side(header.orientation) { (down, across) } else { (across, down) }
}

/// Makes the picture smaller, never larger, so that it fits.
pub(super) fn fit(image: DynamicImage, (across, down): (u32, u32)) -> DynamicImage {
    if image.width() <= across && image.height() <= down { image } else { image.thumbnail(across, down) }
}

fn fitted(image: &DynamicImage, (across, down): (u32, u32)) -> DynamicImage {
    if image.width() <= across && image.height() <= down {
        image.clone()
    } else {
        image.thumbnail(across, down)
    }
}

/// Encodes as PNG if something is transparent, as JPEG otherwise.
fn encode(image: &DynamicImage, profile: Option<&Vec<u8>>) -> Result<Encoded, Refusal> {
    if is_transparent(image) {
        return Ok(Encoded { format: Format::Png, bytes: png::encode(image, profile)? });
    }
    Ok(Encoded { format: Format::Jpeg, bytes: jpeg::encode(image, profile)? })
}

fn is_transparent(image: &DynamicImage) -> bool {
    if let DynamicImage::ImageRgba8(pixels) = image {
        return pixels.pixels().any(|p| p.0[3] < 255);
    }
    matches!(image, DynamicImage::ImageLumaA8(pixels) if pixels.pixels().any(|p| p.0[1] < 255))
}

/// The picture on a white background, where it was transparent.
fn over_white(image: &DynamicImage) -> DynamicImage {
    if !image.color().has_alpha() {
        return image.clone();
    }
    let mut ground = image::RgbaImage::from_pixel(image.width(), image.height(), image::Rgba([255; 4]));
    image::imageops::overlay(&mut ground, &image.to_rgba8(), 0, 0);
    DynamicImage::from(ground)
}

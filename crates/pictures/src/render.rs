//! The renderings of a picture file: a thumbnail for lists, a preview for the conversation, and a placeholder of a few
//! hundred bytes that is shown before either.

use image::DynamicImage;

use super::decode::decode;
use super::raw::Raw;
use super::{Encoded, Format, Header, Refusal, header, jpeg, png};

/// The most pixels of a picture, across and down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The most pixels across.
    pub width: u32,
    /// The most pixels down.
    pub height: u32,
}

/// The sizes of the renderings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// The thumbnail's.
    pub thumbnail: Bounds,
    /// The preview's.
    pub preview: Bounds,
    /// The placeholder's.
    pub mini: Bounds,
}

impl Bounds {
    /// The same for a picture that lies on its side.
    fn turned(self) -> Self {
        Self { width: self.height, height: self.width }
    }

    fn hold(self, image: &DynamicImage) -> bool {
        image.width() <= self.width && image.height() <= self.height
    }
}

/// The renderings of a picture.
#[derive(Debug)]
pub struct Renderings {
    /// The header of the file itself.
    pub header: Header,
    /// The thumbnail, within its bounds; JPEG, or PNG if it has transparent parts.
    pub thumbnail: Encoded,
    /// The preview, within its bounds; JPEG, or PNG if it has transparent parts.
    pub preview: Encoded,
    /// The placeholder, a tiny JPEG.
    pub mini: Vec<u8>,
}

/// Makes the renderings of a file.
pub fn renderings(file: &[u8], sizes: &Sizes) -> Result<Renderings, Refusal> {
    let header = header::look(file)?;
    let Raw { image, profile } = decode(file, &header, sizes.preview.width)?;
    let mut preview = fit(image, turned_bounds(&header, sizes.preview));
    preview.apply_orientation(header.orientation);
    let thumbnail = fitted(&preview, sizes.thumbnail);
    let mini = jpeg::encode(&over_white(&fitted(&thumbnail, sizes.mini)), None)?;
    Ok(Renderings {
        header,
        thumbnail: encode(&thumbnail, profile.as_ref())?,
        preview: encode(&preview, profile.as_ref())?,
        mini,
    })
}

/// The bounds that apply before the picture is rotated.
fn turned_bounds(header: &Header, bounds: Bounds) -> Bounds {
    if header::is_on_its_side(header.orientation) { bounds.turned() } else { bounds }
}

/// Makes the picture smaller, never larger, so that it fits.
pub(super) fn fit(image: DynamicImage, bounds: Bounds) -> DynamicImage {
    if bounds.hold(&image) { image } else { image.thumbnail(bounds.width, bounds.height) }
}

fn fitted(image: &DynamicImage, bounds: Bounds) -> DynamicImage {
    if bounds.hold(image) { image.clone() } else { image.thumbnail(bounds.width, bounds.height) }
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

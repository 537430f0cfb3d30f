//! Decoding a picture of whatever format.

use image::{DynamicImage, ImageDecoder, codecs::webp::WebPDecoder};

use super::raw::{Raw, afford, limits, refuse};
use super::timed::Timed;
use super::{Format, Header, Refusal, gif, jpeg, png};

/// Decodes the first frame of `file`, reduced to about `side` pixels across where that saves memory.
pub(super) fn decode(file: &[u8], header: &Header, side: u32) -> Result<Raw, Refusal> {
    match header.format {
        Format::Png => png::decode(file, side),
        Format::Jpeg => jpeg::decode(file, side),
        Format::Gif => gif::decode_first(file),
        Format::WebP => webp(file, header),
    }
}

/// Decodes a WebP. Its decoder keeps its planes beside the picture.
fn webp(file: &[u8], header: &Header) -> Result<Raw, Refusal> {
    afford(u64::from(header.width) * u64::from(header.height) * 7)?;
    let mut decoder = WebPDecoder::new(Timed::new(file)).map_err(refuse)?;
    decoder.set_limits(limits()).map_err(refuse)?;
    let profile = decoder.icc_profile().ok().flatten();
    let image = DynamicImage::from_decoder(decoder).map_err(refuse)?;
    Ok(Raw::new(image, profile))
}

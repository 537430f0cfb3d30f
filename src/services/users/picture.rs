//! The picture of an account that has none of its own: a pattern and a colour that its identifier decides.

use crate::db;
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::core::Core;
use crate::wire::{UserId, id};

/// Pixels of a side.
const SIDE: usize = 128;

/// Cells of a side; the right half mirrors the left one.
const CELLS: usize = 5;

/// Pixels of a cell, and of the margin that is left.
const CELL: usize = 22;
const MARGIN: usize = (SIDE - CELLS * CELL) / 2;

/// A PNG file, and what to tell it apart by.
#[derive(Debug)]
pub struct Picture {
    /// The file.
    pub png: Vec<u8>,
    /// The same as long as the picture is.
    pub etag: String,
}

/// The picture of `user`.
pub async fn picture(core: &Core, caller: &Caller, user: UserId) -> Result<Picture> {
    let mut conn = core.read().await?;
    db::users::find(&mut conn, caller.org, user).await?.ok_or_else(super::missing)?;
    drop(conn);
    Ok(Picture { png: draw(user)?, etag: format!("identicon.{}", id::encode(user.0)) })
}

/// Draws the pattern: one byte a pixel, two colours.
fn draw(user: UserId) -> Result<Vec<u8>> {
    let bits = scrambled(user.0.as_u128());
    let [red, green, blue] = colour(u32::try_from(bits >> 96).unwrap_or_default());
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, pixels(SIDE), pixels(SIDE));
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(vec![240, 242, 245, red, green, blue]);
    let mut writer = encoder.write_header().map_err(|e| Error::internal(format!("picture: {e}")))?;
    let image: Vec<u8> = (0..SIDE * SIDE).map(|i| u8::from(is_set(bits, i % SIDE, i / SIDE))).collect();
    writer.write_image_data(&image).map_err(|e| Error::internal(format!("picture: {e}")))?;
    writer.finish().map_err(|e| Error::internal(format!("picture: {e}")))?;
    Ok(file)
}

fn pixels(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn is_set(bits: u128, x: usize, y: usize) -> bool {
    let cell = |at: usize| at.checked_sub(MARGIN).map(|inside| inside / CELL).filter(|c| *c < CELLS);
    let (Some(column), Some(row)) = (cell(x), cell(y)) else { return false };
    let mirrored = column.min(CELLS - 1 - column);
    bits >> (mirrored * CELLS + row) & 1 == 1
}

/// Spreads the differing bits of an identifier over all of them (two rounds of a multiplicative hash): those made in
/// the same moment share most.
fn scrambled(id: u128) -> u128 {
    const ODD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
    let once = (id ^ (id >> 67)).wrapping_mul(ODD);
    let twice = (once ^ (once >> 59)).wrapping_mul(ODD);
    twice ^ (twice >> 61)
}

/// One of 360 hues, dark enough to be seen on a light ground.
fn colour(seed: u32) -> [u8; 3] {
    let hue = f64::from(seed % 360);
    let channel = |n: f64| {
        let k = (n + hue / 30.0) % 12.0;
        let level = 0.47 - 0.47 * 0.55 * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0);
        byte(level * 255.0)
    };
    [channel(0.0), channel(8.0), channel(4.0)]
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within 0 and 255"
)]
fn byte(level: f64) -> u8 {
    level.clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_a_png_and_always_the_same() {
        let ann = UserId::new();
        let first = draw(ann).expect("drawn");
        assert!(first.starts_with(b"\x89PNG\r\n\x1a\n"));
        assert_eq!(first, draw(ann).expect("drawn"));
    }

    #[test]
    fn accounts_of_the_same_moment_look_different() {
        let pictures: std::collections::BTreeSet<Vec<u8>> =
            (0..50).map(|_| draw(UserId::new()).expect("drawn")).collect();
        assert!(pictures.len() > 48, "{}", pictures.len());
    }
}

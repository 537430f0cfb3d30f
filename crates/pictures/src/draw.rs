//! A generated picture for whoever has none: a pattern and a colour derived from an identifier.

use super::Refusal;

/// The pixels of a side.
const SIDE: usize = 128;

/// The cells of a side; the right half mirrors the left one.
const CELLS: usize = 5;

/// The pixels of a cell, and of the margin that is left.
const CELL: usize = 22;
const MARGIN: usize = (SIDE - CELLS * CELL) / 2;

/// Draws the pattern of `seed` as a PNG: one byte a pixel, two colours.
pub fn identicon(seed: u128) -> Result<Vec<u8>, Refusal> {
    let bits = scrambled(seed);
    let [red, green, blue] = colour(u32::try_from(bits >> 96).unwrap_or_default());
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, pixels(SIDE), pixels(SIDE));
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(vec![240, 242, 245, red, green, blue]);
    let mut writer = encoder.write_header().map_err(|_error| Refusal::Broken)?;
    let image: Vec<u8> = (0..SIDE * SIDE).map(|i| u8::from(is_set(bits, i % SIDE, i / SIDE))).collect();
    writer.write_image_data(&image).map_err(|_error| Refusal::Broken)?;
    writer.finish().map_err(|_error| Refusal::Broken)?;
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

/// Spreads the differing bits of an identifier over all of them (two rounds of a multiplicative hash): identifiers made
/// in the same moment share most bits.
fn scrambled(id: u128) -> u128 {
    const ODD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
    let once = (id ^ (id >> 67)).wrapping_mul(ODD);
    let twice = (once ^ (once >> 59)).wrapping_mul(ODD);
    twice ^ (twice >> 61)
}

/// One of 360 hues, dark enough for a light background.
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

    const SEED: u128 = 0x0193_7a5c_7a00_7000_8000_0000_0000_0000;

    #[test]
    fn a_picture_is_a_png_and_always_the_same() {
        let first = identicon(SEED).expect("drawn");
        assert!(first.starts_with(b"\x89PNG\r\n\x1a\n"));
        assert_eq!(first, identicon(SEED).expect("drawn"));
    }

    /// As of identifiers that begin with the time, and end in a counter.
    #[test]
    fn seeds_that_differ_in_few_bits_look_different() {
        let pictures: std::collections::BTreeSet<Vec<u8>> =
            (0..50).map(|n| identicon(SEED + n).expect("drawn")).collect();
        assert!(pictures.len() > 48, "{}", pictures.len());
    }
}

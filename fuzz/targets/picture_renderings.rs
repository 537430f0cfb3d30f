//! Decoding a picture: whatever comes of it is a picture that was encoded here, within the bounds that were asked for.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pictures::{Bounds, Encoded, Header, Sizes, icon, look, renderings, square};

const SIZES: Sizes = Sizes {
    thumbnail: Bounds { width: 20, height: 10 },
    preview: Bounds { width: 64, height: 256 },
    mini: Bounds { width: 8, height: 8 },
};

const SIDE: u32 = 16;

fuzz_target!(|file: &[u8]| {
    if let Ok(made) = renderings(file, &SIZES) {
        within(&made.preview, SIZES.preview);
        within(&made.thumbnail, SIZES.thumbnail);
        fits(look(&made.mini).expect("a placeholder"), SIZES.mini);
    }
    let side = Bounds { width: SIDE, height: SIDE };
    if let Ok(made) = square(file, SIDE) {
        within(&made, side);
    }
    if let Ok(made) = icon(file, SIDE) {
        within(&made, side);
    }
});

fn within(made: &Encoded, bounds: Bounds) {
    let header = look(&made.bytes).expect("what was encoded here can be read");
    assert_eq!(header.format, made.format);
    fits(header, bounds);
}

fn fits(header: Header, bounds: Bounds) {
    assert!(header.width <= bounds.width && header.height <= bounds.height, "{header:?}");
}

//! Reading the header of a picture: whatever is let through has a size that the decoders can afford.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pictures::{Format, look};

fuzz_target!(|file: &[u8]| {
    let Ok(header) = look(file) else { return };
    assert_eq!(Format::of(file), Some(header.format));
    let pixels = u64::from(header.width) * u64::from(header.height);
    assert!((1..=40_000_000).contains(&pixels), "{header:?}");
    assert!(header.width.max(header.height) <= 16_384, "{header:?}");
    assert!((1..=401).contains(&header.frames), "{header:?}");
});

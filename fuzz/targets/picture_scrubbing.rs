//! Removing metadata: in pieces or whole it is the same, once is enough, and the picture stays what it was.

#![no_main]

use std::io::BufReader;

use libfuzzer_sys::fuzz_target;
use pictures::{Format, Header, Refusal, look, measure, rewrite, scrubbed};

fuzz_target!(|file: &[u8]| {
    let whole = scrubbed(file);
    assert_eq!(in_pieces(file), whole, "in pieces and whole");
    if let Ok(Some(clean)) = whole {
        assert_eq!(scrubbed(&clean), Ok(None), "once is enough");
        if let (Ok(before), Ok(after)) = (look(file), look(&clean)) {
            stays(before, after);
        }
    }
});

/// As [`scrubbed`], for a file that arrives three bytes at a time.
fn in_pieces(file: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
    let measured = measure(BufReader::with_capacity(3, file))?;
    let mut clean = Vec::new();
    rewrite(BufReader::with_capacity(3, file), &mut clean, measured)?;
    Ok(measured.differs.then_some(clean))
}

/// How a PNG or a WebP is turned is metadata that goes; of a JPEG it stays.
fn stays(before: Header, after: Header) {
    let sides = |header: Header| (header.width.min(header.height), header.width.max(header.height));
    assert_eq!((before.format, sides(before)), (after.format, sides(after)));
    if matches!(before.format, Format::Jpeg | Format::Gif) {
        assert_eq!(before, after);
    }
}

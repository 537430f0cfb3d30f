//! Scrubbing streams: in pieces, cut off, with false lengths, and larger than memory.

use std::io::{BufReader, Read, Write, repeat};

use futures_util::future::join;
use futures_util::stream;
use tokio::sync::mpsc::channel;

use super::*;

/// The failure of a source.
#[derive(Debug, PartialEq)]
struct Gone;

/// Files of each format with metadata, and files without.
fn files() -> Vec<Vec<u8>> {
    let noted =
        [camera(40, 30, 6), camera(40, 30, 1), noted_png(40, 30), noted_gif(40, 30), noted_webp(40, 30)];
    let plain = [jpeg(40, 30), png(40, 30), gif(40, 30, 2), webp(40, 30)];
    [noted.to_vec(), plain.to_vec()].concat()
}

/// As [`scrubbed`], for a file that arrives `piece` bytes at a time.
fn in_pieces(file: &[u8], piece: usize) -> Result<Option<Vec<u8>>, Refusal> {
    let measured = measure(BufReader::with_capacity(piece, file))?;
    let mut clean = Vec::new();
    rewrite(BufReader::with_capacity(piece, file), &mut clean, measured)?;
    assert_eq!((u64::try_from(clean.len()), clean != file), (Ok(measured.size), measured.differs));
    Ok(measured.differs.then_some(clean))
}

#[test]
fn in_pieces_or_whole_it_is_the_same() {
    for file in files() {
        let whole = scrubbed(&file).expect("read");
        for piece in 1..=7 {
            assert_eq!(in_pieces(&file, piece), Ok(whole.clone()), "{piece}");
        }
    }
}

#[test]
fn wherever_a_file_is_cut_it_is_refused_or_clean() {
    for file in files() {
        for cut in 0..file.len() {
            let outcome = scrubbed(&file[..cut]);
            assert_eq!(in_pieces(&file[..cut], 3), outcome, "{cut}");
            if let Ok(Some(clean)) = outcome {
                assert_eq!(scrubbed(&clean), Ok(None), "{cut}: once is enough");
            }
        }
    }
}

/// The bytes before the pixels of a JPEG, and the pixels without the end marker.
fn parted(file: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let scan = file.windows(2).position(|w| w == [0xff, jpeg::SCAN]).expect("a scan");
    let pixels = scan + 2 + usize::from(file[scan + 3]);
    (file[..pixels].to_vec(), file[pixels..file.len() - 2].to_vec())
}

fn place() -> Vec<u8> {
    b"\xff\xe1\0\x1dExif\0\0MM\0*\0\0\0\x08\0\0GPS 48.8584".to_vec()
}

const MANY: u64 = 40 << 20;

/// Metadata after 40 MiB of pixels, between scans and after the end.
#[test]
fn notes_behind_a_lot_of_pixels_go_too() {
    let (head, pixels) = parted(&jpeg(40, 30));
    let scan = &head[head.windows(2).position(|w| w == [0xff, jpeg::SCAN]).expect("a scan")..];
    let rest = [&b"\xff\0\xff\xd3"[..], &place(), scan, &pixels, &place(), scan, &pixels].concat();
    let rest = [&rest[..], &place(), &[0xff, 0xd9], &place()].concat();
    let file = || BufReader::new(head.chain(repeat(0x55).take(MANY)).chain(&rest[..]));
    let measured = measure(file()).expect("read");
    let mut clean = Vec::new();
    rewrite(file(), &mut clean, measured).expect("written");
    let behind = [&b"\xff\0\xff\xd3"[..], scan, &pixels, scan, &pixels, &[0xff, 0xd9]].concat();
    assert!(clean.starts_with(&head) && clean.ends_with(&behind));
    let size = head.len() + usize::try_from(MANY).expect("it fits") + behind.len();
    assert_eq!((clean.len(), measured.size, measured.differs), (size, size as u64, true));
    assert!(!clean.windows(3).any(|w| w == b"GPS"));
}

#[test]
fn of_two_notes_the_first_tells_how_a_picture_is_turned() {
    let (first, second) = (camera(40, 30, 6), camera(40, 30, 3));
    let both = [&first[..first.len() - 17], &[0xff, 0xd9]].concat();
    let note = second.windows(2).position(|w| w == [0xff, 0xe1]).expect("a note");
    let length = usize::from(second[note + 3]) + 2;
    let at = first.windows(2).position(|w| w == [0xff, 0xfe]).expect("a comment");
    let both = [&both[..at], &second[note..note + length], &both[at..]].concat();
    let clean = scrubbed(&both).expect("read").expect("something to take out");
    assert_eq!((size(&both), size(&clean)), ((30, 40), (30, 40)));
    assert_eq!(look(&both), look(&clean));
    assert_eq!(clean.windows(4).filter(|w| w == b"Exif").count(), 1);
}

/// A zero is no marker: a segment of it, behind one that goes, would become pixels, and what it holds be read otherwise.
#[test]
fn what_begins_like_pixels_between_segments_ends_the_file() {
    let (head, pixels) = parted(&jpeg(40, 30));
    let hidden = b"\xff\0\0\x14 \xff\xfe\0\x0fsecret of Ann";
    let file = [&head[..], &pixels, b"\xff\xd8", hidden, &[0xff, jpeg::END]].concat();
    let clean = scrubbed(&file).expect("read").expect("something to take out");
    assert_eq!(clean, [&head[..], &pixels, &[0xff, jpeg::END]].concat());
    assert_eq!(scrubbed(&clean), Ok(None), "once is enough");
}

/// Markers may be preceded by any number of padding bytes, in the pixels too.
#[test]
fn filling_bytes_go_and_what_they_precede_stays() {
    let (head, _) = parted(&jpeg(40, 30));
    let filling = vec![0xff; 1 << 20];
    let file = |filling: &[u8]| {
        let ends = [b"\x11", filling, b"\xff\xd0\x22", filling, b"\xff\0\x33", filling, b"\xff\xd9"].concat();
        [&head[..2], filling, &head[2..], &ends].concat()
    };
    assert_eq!(scrubbed(&file(&filling)), Ok(Some(file(&[]))));
    assert_eq!(scrubbed(&file(&[])), Ok(None));
}

/// The declared length of a chunk is not trusted.
#[test]
fn what_claims_to_be_long_is_broken_and_costs_nothing() {
    let mut chunk = png(40, 30);
    chunk.splice(33..33, *b"\xff\xff\xff\xfftEXtHome");
    let mut pixels = png(40, 30);
    pixels.splice(33..33, *b"\xff\xff\xff\xffIDATHome");
    let mut riff = webp(40, 30);
    riff.splice(4..8, [0xff; 4]);
    let mut note = riff.clone();
    note.extend(b"EXIF\xff\xff\xff\xffHome");
    for file in
        [chunk, pixels, riff, note, b"RIFF\x03\0\0\0WEBP".to_vec(), b"\xff\xd8\xff\xe1\xff\xff".to_vec()]
    {
        assert_eq!(scrubbed(&file), Err(Refusal::Broken));
    }
}

/// The writer keeps nothing in memory: the longest thing that is written at a time is a segment of a JPEG.
#[test]
fn large_chunks_pass_in_small_parts() {
    struct Longest(usize);
    impl Write for Longest {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.max(bytes.len());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let head = b"\x89PNG\r\n\x1a\n\x02\0\0\0IDAT";
    let file = || BufReader::new(head.chain(repeat(7).take((32 << 20) + 4)).chain(&b"\0\0\0\0IENDsum!"[..]));
    let measured = measure(file()).expect("read");
    assert_eq!(measured, Remainder { size: (32 << 20) + 32, differs: false });
    let mut longest = Longest(0);
    rewrite(file(), &mut longest, measured).expect("written");
    assert!(longest.0 <= 64 << 10, "{}", longest.0);
}

fn parts(file: &[u8]) -> impl futures_util::Stream<Item = Result<Bytes, Gone>> {
    let parts: Vec<_> = file.chunks(100).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
    stream::iter(parts)
}

#[tokio::test]
async fn a_file_passes_the_worker_without_lying_there() {
    let worker = ImageWorker::new(1);
    for file in files() {
        let measured = worker.measure(parts(&file)).await.expect("read").expect("a picture");
        let (sender, mut receiver) = channel(1);
        let rewriting = worker.rewrite(parts(&file), measured, sender);
        let writing = async {
            let mut clean = Vec::new();
            while let Some(part) = receiver.recv().await {
                clean.extend(part);
            }
            clean
        };
        let (rewritten, clean) = join(rewriting, writing).await;
        assert_eq!(rewritten.expect("read"), Ok(()));
        assert_eq!(measured.differs.then_some(clean), scrubbed(&file).expect("read"));
    }
    let none = worker.measure(parts(b"no picture at all")).await.expect("read");
    assert_eq!(none, Err(Refusal::Unknown));
}

/// A file that could not be read to its end is neither broken nor clean.
#[tokio::test]
async fn a_storage_that_fails_is_told_from_a_file_that_ends() {
    let worker = ImageWorker::new(1);
    let file = camera(40, 30, 6);
    let fails = || {
        let failure = Err(Gone);
        stream::iter([Ok(Bytes::copy_from_slice(&file[..file.len() / 2])), failure])
    };
    assert!(worker.measure(fails()).await.is_err());
    let measured = worker.measure(parts(&file)).await.expect("read").expect("a picture");
    let (sender, receiver) = channel(1);
    assert!(worker.rewrite(fails(), measured, sender).await.is_err());
    drop(receiver);
    // The reader of the result is gone.
    let (sender, receiver) = channel(1);
    drop(receiver);
    assert_eq!(worker.rewrite(parts(&file), measured, sender).await.expect("read"), Err(Refusal::Broken));
}

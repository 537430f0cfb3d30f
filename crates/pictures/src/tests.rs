//! The results for good, rotated, animated, broken and hostile files, and for files with false headers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use image::DynamicImage;
use tokio::sync::Semaphore;

use super::samples::*;
use super::*;

mod streams;

/// Sizes as a client may want them.
const SIZES: Sizes = Sizes {
    thumbnail: Bounds { width: 120, height: 100 },
    preview: Bounds { width: 1920, height: 8192 },
    mini: Bounds { width: 16, height: 16 },
};

fn rendered(file: &[u8]) -> Result<Renderings, Refusal> {
    renderings(file, &SIZES)
}

fn size(encoded: &[u8]) -> (u32, u32) {
    let header = look(encoded).expect("a picture");
    (header.width, header.height)
}

fn pixels(file: &[u8]) -> DynamicImage {
    image::load_from_memory(file).expect("decoded")
}

fn is_red(image: &DynamicImage, x: u32, y: u32) -> bool {
    let [red, _, blue] = image.to_rgb8().get_pixel(x, y).0;
    red > 120 && blue < 120
}

#[test]
fn each_kind_is_told_by_its_content_and_rendered() {
    let files = [
        (Format::Png, png(400, 300)),
        (Format::Jpeg, jpeg(400, 300)),
        (Format::Gif, gif(400, 300, 1)),
        (Format::WebP, webp(400, 300)),
    ];
    for (format, file) in files {
        let made = rendered(&file).unwrap_or_else(|e| panic!("{}: {e:?}", format.name()));
        assert_eq!((made.header.format, made.header.width, made.header.height), (format, 400, 300));
        assert_eq!(size(&made.thumbnail.bytes), (120, 90), "{format:?}");
        assert_eq!(size(&made.preview.bytes), (400, 300), "{format:?}");
        assert_eq!(size(&made.mini), (16, 12), "{format:?}");
        assert!(made.mini.len() < 1000, "{}", made.mini.len());
        assert_eq!(Format::of(&made.mini), Some(Format::Jpeg));
    }
}

#[test]
fn large_pictures_are_reduced_while_they_are_decoded() {
    for file in [png(5000, 2800), jpeg(6000, 4000), blank(3840, 2160)] {
        let made = rendered(&file).expect("rendered");
        let (width, _) = size(&made.preview.bytes);
        assert!((1500..=1920).contains(&width), "{width}");
    }
    let preview = rendered(&jpeg(6000, 4000)).expect("rendered").preview;
    let image = pixels(&preview.bytes);
    assert!(is_red(&image, image.width() / 4, 200) && !is_red(&image, image.width() * 3 / 4, 200));
}

#[test]
fn transparent_parts_stay_transparent() {
    let made = rendered(&glass(300, 300)).expect("rendered");
    assert_eq!((made.preview.format, made.thumbnail.format), (Format::Png, Format::Png));
    assert_eq!(pixels(&made.preview.bytes).to_rgba8().get_pixel(9, 9).0[3], 100);
    let opaque = rendered(&png(300, 300)).expect("rendered");
    assert_eq!(opaque.preview.format, Format::Jpeg);
}

/// The side on which the red half is after the rotation, for each orientation that a camera may record.
#[test]
fn pictures_are_turned_as_their_camera_noted() {
    let sides = ["left", "right", "right", "left", "top", "top", "bottom", "bottom"];
    for (orientation, side) in (1_u8..).zip(sides) {
        let made = rendered(&camera(200, 100, orientation)).expect("rendered");
        let (width, height) = (made.header.width, made.header.height);
        let image = pixels(&made.preview.bytes);
        assert_eq!((image.width(), image.height()), (width, height), "{orientation}");
        let (x, y) = match side {
            "left" => (20, height / 2),
            "right" => (width - 20, height / 2),
            "top" => (width / 2, 20),
            _ => (width / 2, height - 20),
        };
        assert!(is_red(&image, x, y), "{orientation}");
        assert!(!is_red(&image, width - 1 - x, height - 1 - y), "{orientation}");
    }
}

#[test]
fn what_the_camera_noted_and_what_is_hidden_goes() {
    let hidden: [&[u8]; 3] = [b"GPS", b"secret", b"archive"];
    let holds = |file: &[u8], text: &[u8]| file.windows(text.len()).any(|w| w == text);
    let file = camera(200, 100, 6);
    assert!(hidden.iter().all(|text| holds(&file, text)));
    let clean = scrubbed(&file).expect("read").expect("something to take out");
    let made = rendered(&file).expect("rendered");
    for text in hidden {
        for file in [&clean, &made.preview.bytes, &made.thumbnail.bytes, &made.mini] {
            assert!(!holds(file, text));
        }
    }
    assert_eq!(size(&clean), (100, 200), "still turned");
    assert_eq!(pixels(&clean).to_rgb8(), pixels(&file).to_rgb8(), "the same pixels");
    assert_eq!(scrubbed(&clean).expect("read"), None, "once is enough");
}

#[test]
fn every_kind_is_scrubbed_without_touching_its_pixels() {
    for file in [noted_png(40, 30), noted_gif(40, 30), noted_webp(40, 30)] {
        let clean = scrubbed(&file).expect("read").expect("something to take out");
        assert!(!clean.windows(4).any(|w| w == b"Home" || w == b"<scr"));
        let (before, after) = (look(&file).expect("before"), look(&clean).expect("after"));
        assert_eq!(before, after);
        assert_eq!(pixels(&clean).to_rgb8().dimensions(), (40, 30));
    }
    for plain in [png(40, 30), jpeg(40, 30), webp(40, 30), gif(40, 30, 2)] {
        assert_eq!(scrubbed(&plain).expect("read"), None);
    }
}

/// A frame that is cut off counts, before scrubbing, which ends it there, and after.
#[test]
fn a_cut_animation_has_as_many_frames_as_its_scrubbed_file() {
    for file in [gif(12, 9, 3), noted_gif(12, 9)] {
        for cut in 0..file.len() {
            if let Ok(Some(clean)) = scrubbed(&file[..cut]) {
                assert_eq!(look(&file[..cut]), look(&clean), "{cut}");
            }
        }
    }
}

#[test]
fn a_square_is_the_middle() {
    let made = square(&camera(400, 200, 8), 128).expect("made");
    assert_eq!((made.format, size(&made.bytes)), (Format::Png, (128, 128)));
    let small = square(&png(40, 90), 128).expect("made");
    assert_eq!(size(&small.bytes), (40, 40));
}

#[test]
fn icons_that_moved_still_move_and_are_small() {
    let moving = icon(&gif(300, 200, 5), 128).expect("made");
    let header = look(&moving.bytes).expect("a picture");
    assert_eq!((moving.format, header.frames, header.width, header.height), (Format::Gif, 5, 128, 85));
    let still = icon(&gif(300, 200, 1), 128).expect("made");
    assert_eq!((still.format, size(&still.bytes)), (Format::Png, (128, 85)));
    assert_eq!(icon(&gif(8, 8, 500), 128).err(), Some(Refusal::TooLarge));
}

#[test]
fn what_is_no_picture_is_refused() {
    let files: [&[u8]; 9] = [
        b"",
        b"\x89PNG",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"BM\x36\0\0\0",
        b"\0\0\x01\0\x01\0",
        b"#!/bin/sh\n",
    ];
    for file in files {
        assert_eq!(look(file).err(), Some(Refusal::Unknown));
    }
    let heads: [&[u8]; 5] = [
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"GIF89a",
        b"RIFF\0\0\0\0WEBP",
        b"GIF89a<script>alert(1)</script>",
    ];
    for file in heads {
        assert!(rendered(file).is_err(), "{file:?}");
        assert!(scrubbed(file).is_err() || file.starts_with(b"GIF89a<"));
    }
}

/// Files that are cut off anywhere, or with any byte changed, are refused or rendered: never a panic, never for long.
#[test]
fn broken_files_end_in_a_refusal() {
    for file in [png(60, 40), jpeg(60, 40), gif(60, 40, 2), webp(60, 40), camera(60, 40, 5)] {
        for cut in (0..file.len()).step_by(7) {
            drop(rendered(&file[..cut]));
            drop(scrubbed(&file[..cut]));
        }
        for at in (0..file.len()).step_by(5) {
            let mut file = file.clone();
            file[at] ^= 0xff;
            drop(rendered(&file));
            drop(icon(&file, 128));
            drop(scrubbed(&file));
        }
        assert!(rendered(&file[..file.len() / 3]).is_err());
    }
}

/// Pixel floods: small files that claim to be huge, or are.
#[test]
fn bombs_cost_nothing() {
    let lying = |width: u32, height: u32| lying_png(png(8, 8), width, height);
    let mut gif = gif(8, 8, 1);
    gif.splice(6..10, [0xff; 4]);
    let mut jpeg = jpeg(8, 8);
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).expect("a frame");
    jpeg.splice(frame + 5..frame + 9, [0xff; 4]);
    let files = [
        lying(u32::MAX, u32::MAX),
        lying(50_000, 50_000),
        lying(0, 4),
        lying(40_000, 1),
        blank(7000, 5000),
        gif,
        jpeg,
    ];
    for file in files {
        let begun = Instant::now();
        assert!(rendered(&file).is_err());
        assert!(begun.elapsed() < Duration::from_millis(200), "{:?}", begun.elapsed());
    }
}

/// A progressive picture keeps all its coefficients: the memory for it is known from its header.
#[test]
fn what_a_progressive_picture_takes_is_known_before() {
    let mut file = jpeg(4000, 3000);
    let frame = file.windows(2).position(|w| w == [0xff, 0xc0]).expect("a frame");
    file[frame + 1] = 0xc2;
    assert_eq!(rendered(&file).err(), Some(Refusal::TooLarge));
}

#[test]
fn time_is_limited() {
    let file = jpeg(2000, 2000);
    let over = Instant::now() - Duration::from_secs(1);
    let mut reader = timed::Timed::until(&file, over);
    assert!(std::io::Read::read(&mut reader, &mut [0; 16]).is_err());
}

#[tokio::test]
async fn a_full_worker_refuses_and_a_panic_ends_one_picture() {
    let worker = ImageWorker { places: Arc::new(Semaphore::new(1)), turns: Arc::new(Semaphore::new(1)) };
    let panicked = worker.work(|| -> Result<(), Refusal> { panic!("a decoder's bug") }).await;
    assert_eq!(panicked, Err(Refusal::Broken));
    assert_eq!(worker.icon(Bytes::from(png(9, 9)), 128).await.map(|e| e.format), Ok(Format::Png));
    let held = worker.places.clone().try_acquire_owned().expect("the only place");
    assert_eq!(worker.icon(Bytes::from(png(9, 9)), 128).await.err(), Some(Refusal::Busy));
    drop(held);
}

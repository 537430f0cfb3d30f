//! Pictures that are too large to be decoded are kept without what their camera noted too, and never lie in memory.

use std::time::Duration;

use super::{both, cast, path, png};
use crate::support::s3::S3;
use crate::support::{Server, number, text};

/// A little more than what is decoded.
const LARGE: usize = 33 << 20;

/// A segment of a JPEG.
fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &length[..], body].concat()
}

/// A note that says that the picture is turned to the right, and then what `rest` says.
fn note(rest: &[u8]) -> Vec<u8> {
    let turned = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    segment(0xe1, &[turned, rest].concat())
}

/// A grey JPEG with many bytes of pixels, with these segments before it, between its pixels, and this behind its end.
fn jpeg(pixels: usize, before: &[u8], between: &[u8], behind: &[u8]) -> Vec<u8> {
    let table = |class: u8| segment(0xc4, &[&[class, 1][..], &[0; 16]].concat());
    let scan = segment(0xda, &[1, 1, 0, 0, 63, 0]);
    let head =
        [segment(0xdb, &[&[0][..], &[16; 64]].concat()), segment(0xc0, b"\x08\0\x01\0\x01\x01\x01\x11\0")];
    let head = [head.concat(), table(0), table(0x10)].concat();
    let some = vec![0x55; pixels / 2];
    [b"\xff\xd8", before, &head, &scan, &some, between, &scan, &some, b"\xff\xd9", behind].concat()
}

#[tokio::test]
async fn what_a_camera_noted_is_taken_out_of_large_pictures_too() {
    let s3 = S3::start();
    for server in both(&s3).await {
        let ([ann, bob, _], _, channel) = cast(&server).await;
        let place = b"GPSLatitude 52.5200 N secret place";
        let brought = jpeg(LARGE, &note(place), &note(place), place);
        let kept = jpeg(LARGE, &note(b""), b"", b"");
        let file = ann.brings(&channel, "place.jpg", &brought).await;
        assert_eq!(
            (text(&file, "mime_type"), number(&file, "size")),
            ("image/jpeg".into(), kept.len() as i64)
        );
        ann.posts_files(&channel, "where I was", &[&file]).await;
        let got = bob.downloads(&path(&file), &[]).await;
        assert!(got.bytes == kept, "{} bytes, not {}", got.bytes.len(), kept.len());
        assert_eq!(got.header("content-type"), "image/jpeg");
        assert_eq!(got.header("content-length"), kept.len().to_string());
        let part = bob.downloads(&path(&file), &[("range", "bytes=-2")]).await;
        assert_eq!((part.status, part.bytes.as_slice()), (206, &b"\xff\xd9"[..]));
        // What has no notes stays as it is.
        let plain = ann.brings(&channel, "plain.jpg", &kept).await;
        assert_eq!(number(&plain, "size"), kept.len() as i64);
        assert!(ann.downloads(&path(&plain), &[]).await.bytes == kept);
    }
}

/// As of telephones that put a film behind a picture, or of programs that keep their history in it.
#[tokio::test]
async fn what_is_small_without_its_notes_is_shown_like_any_other() {
    let server = Server::start().await;
    let ([ann, ..], _, channel) = cast(&server).await;
    let small = png(30, 20);
    let length = u32::try_from(LARGE).unwrap().to_be_bytes();
    let chunk = [&length[..], b"tEXt", &vec![b'x'; LARGE], b"sum!"].concat();
    let talkative = [&small[..33], &chunk, &small[33..]].concat();
    let followed = [&small[..], &vec![b'x'; LARGE]].concat();
    for large in [talkative, followed] {
        let file = ann.brings(&channel, "large.png", &large).await;
        assert_eq!((number(&file, "size"), number(&file, "width")), (small.len() as i64, 30));
        assert_eq!(file["has_preview_image"], true);
        let got = ann.downloads(&path(&file), &[]).await;
        assert!(got.bytes == small);
        assert!(got.header("content-disposition").starts_with("inline"));
    }
}

#[tokio::test]
async fn what_only_begins_like_a_large_picture_is_none() {
    let server = Server::start().await;
    let ([ann, ..], _, channel) = cast(&server).await;
    let beginnings: [&[u8]; 4] = [
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\xff\xff\xff\x7fWEBPEXIF\xff\xff\xff\0",
        b"\xff\xd8\xff\xda\0\x02",
        b"\xff\xd8\xff\xfe",
    ];
    for beginning in beginnings {
        let sent = [beginning, &vec![0x55; LARGE]].concat();
        let file = ann.brings(&channel, "picture.png", &sent).await;
        assert_eq!(text(&file, "mime_type"), "application/octet-stream", "{beginning:?}");
        let got = ann.downloads(&path(&file), &[]).await;
        assert!(got.bytes == sent, "{beginning:?}");
        assert!(got.header("content-disposition").starts_with("attachment"), "{beginning:?}");
    }
}

#[tokio::test]
async fn a_large_picture_takes_little_memory() {
    let s3 = S3::start();
    for server in both(&s3).await {
        let ([ann, ..], _, channel) = cast(&server).await;
        ann.brings(&channel, "first.png", &png(30, 20)).await;
        let idle = server.memory();
        let (who, large) = (ann.clone(), jpeg(36 << 20, &note(b"secret place"), b"", b""));
        let bringing = tokio::spawn(async move { who.brings(&channel, "large.jpg", &large).await });
        let mut most = idle;
        while !bringing.is_finished() {
            most = most.max(server.memory());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let file = bringing.await.unwrap();
        assert_eq!(number(&file, "size"), jpeg(36 << 20, &note(b""), b"", b"").len() as i64);
        let most = (most - idle) / 1024 / 1024;
        assert!(most < 24, "{most} MiB above idle");
    }
}

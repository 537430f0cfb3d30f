//! Names, types and contents that are meant to harm. None escapes its folder, runs in a page, or is shown as what it is
//! not.

use serde_json::Value;

use super::{cast, path, png};
use crate::support::form::Form;
use crate::support::{Server, text};

/// What is sent as a name, and what is shown of it.
const NAMES: &[(&str, &str)] = &[
    ("../../../../etc/passwd", "passwd"),
    ("..\\\\..\\\\boot.ini", "boot.ini"),
    ("/absolute/path.txt", "path.txt"),
    ("..", "file"),
    (".", "file"),
    ("...", "file"),
    ("", "file"),
    ("dir/", "file"),
    ("%2e%2e%2fpasswd", "%2e%2e%2fpasswd"),
    ("a%00b.txt", "a%00b.txt"),
    ("\u{202e}gnp.exe", "gnp.exe"),
    ("safe\u{202d}\u{2066}name.txt", "safename.txt"),
    ("zero\u{200b}width\u{feff}.txt", "zerowidth.txt"),
    ("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt"),
    ("'; drop table files; --.txt", "'; drop table files; --.txt"),
    ("$(reboot).sh", "$(reboot).sh"),
    ("CON.txt", "CON.txt"),
    ("name.txt.", "name.txt"),
    ("  spaces  .txt  ", "spaces  .txt"),
    ("Grüße 日本 🙂.txt", "Grüße 日本 🙂.txt"),
];

#[tokio::test]
async fn a_hostile_name_is_only_a_name() {
    let server = Server::start().await;
    let ([ann, ..], _, channel) = cast(&server).await;
    for (said, shown) in NAMES {
        let file = ann.brings(&channel, said, b"text").await;
        assert_eq!(&text(&file, "name"), shown, "{said:?}");
        let got = ann.downloads(&path(&file), &[]).await;
        let disposition = got.header("content-disposition");
        assert_eq!((got.status, got.bytes.as_slice()), (200, &b"text"[..]), "{said:?}");
        assert!(disposition.starts_with("attachment;") && disposition.is_ascii(), "{disposition}");
    }
    let long = format!("{}.txt", "ü".repeat(400));
    let file = ann.brings(&channel, &long, b"text").await;
    let name = text(&file, "name");
    assert!(name.len() <= 255 && name.ends_with("ü.txt"), "{name}");
    let mut found = Vec::new();
    crate::support::s3::below(server.data(), &mut found);
    let files: Vec<_> = found.iter().filter(|f| f.contains("/files/")).collect();
    assert_eq!(files.len(), NAMES.len() + 1, "{files:?}");
}

/// A JPEG that says where it was taken.
fn with_a_place() -> Vec<u8> {
    let image = image_jpeg();
    let note = b"Exif\0\0MM\0*\0\0\0\x08\0\0GPSLatitude 52.5200 N secret place";
    let length = u16::try_from(note.len() + 2).unwrap().to_be_bytes();
    [&image[..2], &[0xff, 0xe1], &length, note, &image[2..]].concat()
}

/// The smallest JPEG that decodes: one grey pixel.
fn image_jpeg() -> Vec<u8> {
    let mut file = vec![0xff, 0xd8, 0xff, 0xdb, 0, 67, 0];
    file.extend([16; 64]);
    file.extend([0xff, 0xc0, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0]);
    file.extend([0xff, 0xc4, 0, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    file.extend([0xff, 0xc4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    file.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x3f, 0xff, 0xd9]);
    file
}

/// A name, what the client says that it is, the content, and what it must be taken for.
fn contents() -> Vec<(&'static str, &'static str, Vec<u8>, &'static str)> {
    let text = "text/plain; charset=utf-8";
    let unknown = "application/octet-stream";
    let script = b"<script>alert(document.cookie)</script>".to_vec();
    vec![
        ("page.html", "text/html", b"<!doctype html><script>alert(1)</script>".to_vec(), text),
        ("page.png", "image/png", b"<html><body onload=alert(1)>".to_vec(), text),
        (
            "drawing.svg",
            "image/svg+xml",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(),
            text,
        ),
        ("drawing.png", "image/png", b"<?xml version='1.0'?><svg onload='alert(1)'/>".to_vec(), text),
        ("page.xhtml", "application/xhtml+xml", b"<?xml version='1.0'?><html/>".to_vec(), text),
        ("code.js", "text/javascript", b"alert(1)".to_vec(), text),
        ("style.css", "text/css", b"body{}".to_vec(), text),
        ("flash.swf", "application/x-shockwave-flash", b"FWS\x05\0\0\0".to_vec(), unknown),
        ("polyglot.gif", "image/gif", [b"GIF89a/*", script.as_slice(), b"*/=1;"].concat(), "image/gif"),
        ("polyglot.png", "image/png", [b"\x89PNG\r\n\x1a\n", script.as_slice()].concat(), unknown),
        ("polyglot.jpg", "image/jpeg", [&[0xff, 0xd8, 0xff, 0xfe][..], script.as_slice()].concat(), unknown),
        ("polyglot.webp", "image/webp", [b"RIFF\xff\0\0\0WEBP", script.as_slice()].concat(), unknown),
        ("polyglot.pdf", "application/pdf", [b"%PDF-1.4\n", script.as_slice()].concat(), "application/pdf"),
        ("cut.png", "image/png", png(50, 50)[..100].to_vec(), unknown),
        ("program.jpg", "image/jpeg", b"MZ\x90\0\x03\0\0\0".to_vec(), unknown),
        ("program.pdf", "application/pdf", b"\x7fELF\x02\x01\x01\0".to_vec(), unknown),
        ("archive.png", "image/png", b"PK\x03\x04\x14\0\0\0".to_vec(), "application/zip"),
        ("feed.xml", "application/rss+xml", b"<rss/>".to_vec(), text),
        ("wide.html", "text/html", b"\xff\xfe<\0h\0t\0m\0l\0>\0".to_vec(), unknown),
        (
            "seven.html",
            "text/html; charset=utf-7",
            b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-".to_vec(),
            text,
        ),
        ("empty.html", "text/html", Vec::new(), unknown),
        ("film.html", "text/html", b"\0\0\0\x18ftypmp42<script>".to_vec(), "video/mp4"),
    ]
}

#[tokio::test]
async fn the_content_tells_what_a_file_is_and_nothing_runs() {
    let server = Server::start().await;
    let ([ann, ..], _, channel) = cast(&server).await;
    for (name, said, bytes, mime) in contents() {
        let form = Form::default().field("channel_id", &channel).file_as(said, "files", name, &bytes);
        let told = ann.sends("/files", form).await.is(201);
        let file: &Value = &told["file_infos"][0];
        assert_eq!(text(file, "mime_type"), mime, "{name}");
        assert_eq!(file.get("has_preview_image"), None, "{name}");
        let got = ann.downloads(&path(file), &[]).await;
        // What begins like a picture is kept without what a picture does not need.
        assert!(got.bytes == bytes || mime.starts_with("image/"), "{name}");
        assert_eq!(got.header("content-type"), mime, "{name}");
        assert_eq!(got.header("x-content-type-options"), "nosniff", "{name}");
        let policy = got.header("content-security-policy");
        assert!(policy.contains("sandbox") && policy.contains("default-src 'none'"), "{name}: {policy}");
        let is_kept = got.header("content-disposition").starts_with("attachment");
        assert_eq!(is_kept, !mime.starts_with("video/"), "{name}");
    }
}

#[tokio::test]
async fn what_a_camera_noted_and_what_hides_behind_a_picture_is_taken_off() {
    let server = Server::start().await;
    let ([ann, ..], _, channel) = cast(&server).await;
    let file = ann.brings(&channel, "place.jpg", &with_a_place()).await;
    assert_eq!(text(&file, "mime_type"), "image/jpeg");
    let got = ann.downloads(&path(&file), &[]).await;
    assert!(got.bytes.starts_with(&[0xff, 0xd8, 0xff]));
    assert!(!got.bytes.windows(12).any(|part| part == b"secret place"), "the place is still told");
    assert_eq!(got.bytes.len().to_string(), file["size"].to_string());
    let hiding = [png(20, 20), b"<script>alert(1)</script>PK\x03\x04".to_vec()].concat();
    let file = ann.brings(&channel, "hiding.png", &hiding).await;
    let got = ann.downloads(&path(&file), &[]).await;
    assert!(!got.bytes.windows(8).any(|part| part == b"<script>"), "something hides behind the end");
    // A picture that is a bomb costs little and is no picture that is shown in small.
    let bomb = png_that_says(30_000, 30_000);
    let file = ann.brings(&channel, "bomb.png", &bomb).await;
    assert_eq!(file.get("has_preview_image"), None);
}

/// A tiny file that says that it is a huge picture.
fn png_that_says(width: u32, height: u32) -> Vec<u8> {
    let mut file = png(1, 1);
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc32(&file[12..29]).to_be_bytes();
    file[29..33].copy_from_slice(&crc);
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 })
    };
    !bytes.iter().fold(u32::MAX, step)
}

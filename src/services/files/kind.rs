//! The type of a file, recognised by its content. The type that the client declares is ignored; the name only
//! distinguishes types with the same content: kinds of text, and of documents that are archives. The result is never
//! HTML or SVG.

use pictures::Format;

/// The bytes of a file's beginning that are inspected.
pub(super) const HEAD: usize = 8192;

pub(super) const TEXT: &str = "text/plain; charset=utf-8";
pub(super) const PDF: &str = "application/pdf";
const UNKNOWN: &str = "application/octet-stream";

/// The way in which a browser may be given a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Shown in the page: it cannot run scripts there.
    Inline,
    /// Offered as a download, never opened in the page.
    Attachment,
}

/// Whether a type is one of the pictures that can be decoded here.
pub(super) fn is_picture(mime: &str) -> bool {
    matches!(mime, "image/png" | "image/jpeg" | "image/gif" | "image/webp")
}

/// The disposition of files of a type.
pub(super) fn shown(mime: &str) -> Disposition {
    let harmless = is_picture(mime) || mime.starts_with("audio/") || mime.starts_with("video/");
    if harmless { Disposition::Inline } else { Disposition::Attachment }
}

/// The type of a file that begins with `head` and whose name has `extension`.
pub(super) fn of(head: &[u8], extension: &str) -> &'static str {
    if let Some(picture) = Format::of(head) {
        return picture.mime();
    }
    if let Some((_, mime)) = BEGINNINGS.iter().find(|(begins, _)| head.starts_with(begins)) {
        return refined(mime, extension);
    }
    if let Some(mime) = boxed(head).or_else(|| riff(head)).or_else(|| sound(head)).or_else(|| bitmap(head)) {
        return mime;
    }
    if head.get(257..262) == Some(b"ustar") {
        return "application/x-tar";
    }
    if is_text(head) { text(extension) } else { UNKNOWN }
}

/// The type of a file that looks like a picture but cannot be decoded.
pub(super) fn no_picture() -> &'static str {
    UNKNOWN
}

const BEGINNINGS: &[(&[u8], &str)] = &[
    (b"%PDF-", PDF),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
    (b"fLaC", "audio/flac"),
    (b"MThd", "audio/midi"),
    (b"ID3", "audio/mpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"\0\0\x01\0", "image/x-icon"),
    (b"8BPS", "image/vnd.adobe.photoshop"),
];

/// The type of a document that is an archive or an old office file inside, by its extension.
fn refined(mime: &'static str, extension: &str) -> &'static str {
    match (mime, extension) {
        ("application/zip", "docx") => {
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        }
        ("application/zip", "xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ("application/zip", "pptx") => {
            "application/vnd.openxmlformats-officedocument.presentationml.presentation"
        }
        ("application/zip", "odt") => "application/vnd.oasis.opendocument.text",
        ("application/zip", "ods") => "application/vnd.oasis.opendocument.spreadsheet",
        ("application/zip", "odp") => "application/vnd.oasis.opendocument.presentation",
        ("application/zip", "epub") => "application/epub+zip",
        ("application/x-ole-storage", "doc") => "application/msword",
        ("application/x-ole-storage", "xls") => "application/vnd.ms-excel",
        ("application/x-ole-storage", "ppt") => "application/vnd.ms-powerpoint",
        _ => mime,
    }
}

/// The type of video and audio in containers.
fn boxed(head: &[u8]) -> Option<&'static str> {
    let has = |what: &[u8]| head.windows(what.len()).any(|part| part == what);
    if head.starts_with(b"\x1a\x45\xdf\xa3") {
        return Some(if has(b"webm") { "video/webm" } else { "video/x-matroska" });
    }
    if head.starts_with(b"OggS") {
        return Some(if has(b"\x80theora") { "video/ogg" } else { "audio/ogg" });
    }
    if head.get(4..8) != Some(b"ftyp") {
        return None;
    }
    Some(match head.get(8..12)? {
        b"qt  " => "video/quicktime",
        b"M4A " | b"M4B " => "audio/mp4",
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => "image/heic",
        b"avif" | b"avis" => "image/avif",
        _ => "video/mp4",
    })
}

fn riff(head: &[u8]) -> Option<&'static str> {
    match (head.starts_with(b"RIFF"), head.get(8..12)?) {
        (true, b"WAVE") => Some("audio/wav"),
        (true, b"AVI ") => Some("video/x-msvideo"),
        _ => None,
    }
}

/// A Windows bitmap: many texts begin with its two letters, so the length of its header is checked too.
fn bitmap(head: &[u8]) -> Option<&'static str> {
    let header = head.get(14..).and_then(|rest| rest.first_chunk()).map(|length| u32::from_le_bytes(*length));
    let known = header.is_some_and(|length| matches!(length, 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124));
    (head.starts_with(b"BM") && known).then_some("image/bmp")
}

/// The frame of an MPEG audio file: eleven bits set, a version that exists, layer II or III, a rate that exists. Layer
/// I looks like the byte order mark of UTF-16.
fn sound(head: &[u8]) -> Option<&'static str> {
    let (first, second, third) = (*head.first()?, *head.get(1)?, *head.get(2)?);
    let is_frame = first == 0xff
        && second & 0xe0 == 0xe0
        && second >> 3 & 3 != 1
        && matches!(second >> 1 & 3, 1 | 2)
        && third >> 4 != 0xf
        && third >> 4 != 0
        && third >> 2 & 3 != 3;
    is_frame.then_some("audio/mpeg")
}

/// Whether it is readable text: UTF-8, cut at any place, without control characters.
fn is_text(head: &[u8]) -> bool {
    let read = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() && head.len() >= HEAD => {
            std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !read.is_empty() && !read.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\x0c'))
}

fn text(extension: &str) -> &'static str {
    match extension {
        "csv" => "text/csv; charset=utf-8",
        "md" | "markdown" => "text/markdown; charset=utf-8",
        "json" => "application/json",
        _ => TEXT,
    }
}

/// Whether a type is text that can be searched as it is.
pub(super) fn is_readable(mime: &str) -> bool {
    mime.starts_with("text/") || mime == "application/json"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_tells_and_the_name_does_not() {
        for (head, name, mime) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], "txt", "image/png"),
            (b"GIF89a/*\xff\xff*/=alert(1)//", "js", "image/gif"),
            (b"<html><script>alert(1)</script>", "png", TEXT),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\">", "svg", TEXT),
            (b"<?xml version=\"1.0\"?><svg>", "jpg", TEXT),
            (b"%PDF-1.7\n", "png", PDF),
            (
                b"PK\x03\x04....",
                "docx",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
            (b"PK\x03\x04....", "png", "application/zip"),
            (b"\x7fELF\x02\x01\x01\0", "jpg", UNKNOWN),
            (b"MZ\x90\0\x03\0", "pdf", UNKNOWN),
            (b"\0\0\0\x18ftypmp42", "txt", "video/mp4"),
            (b"\0\0\0\x18ftypM4A ", "txt", "audio/mp4"),
            (b"\xff\xfb\x90\x64", "mp3", "audio/mpeg"),
            (b"\xff\xfeh\0i\0", "mp3", UNKNOWN),
            (b"RIFF....WAVEfmt ", "x", "audio/wav"),
            (b"RIFF....WEBPVP8 ", "x", "image/webp"),
            (b"OggS..\x80theora", "x", "video/ogg"),
            (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "bmp", "image/bmp"),
            (b"BM is how this text begins", "bmp", TEXT),
            (b"II*\0", "x", "image/tiff"),
            (b"\0\0\0\x18ftypheic", "x", "image/heic"),
            (b"hello", "csv", "text/csv; charset=utf-8"),
            (b"hel\0lo", "txt", UNKNOWN),
            (b"\x1b[31mred", "txt", UNKNOWN),
            (b"", "png", UNKNOWN),
        ] {
            assert_eq!(of(head, name), mime, "{:?} called .{name}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn only_what_cannot_run_is_shown_in_the_page() {
        for mime in ["image/png", "image/webp", "video/mp4", "audio/mpeg"] {
            assert_eq!(shown(mime), Disposition::Inline, "{mime}");
        }
        for mime in [
            "image/svg+xml",
            "image/tiff",
            "image/bmp",
            "image/heic",
            "text/html",
            TEXT,
            PDF,
            UNKNOWN,
            "application/json",
        ] {
            assert_eq!(shown(mime), Disposition::Attachment, "{mime}");
        }
    }

    #[test]
    fn text_may_be_cut_within_a_character() {
        let long = "ü".repeat(HEAD);
        assert!(is_text(&long.as_bytes()[..HEAD]) && is_text(&long.as_bytes()[..=HEAD]));
        assert!(!is_text(&long.as_bytes()[..11]), "a whole file that ends within a character is no text");
    }
}

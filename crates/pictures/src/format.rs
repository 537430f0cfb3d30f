//! The format of a picture, recognised by its first bytes; names and declared types are ignored.

/// The known formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF, which may be animated.
    Gif,
    /// WebP, which may be animated.
    WebP,
}

impl Format {
    /// The format of `file`; its first 16 bytes are enough.
    pub fn of(file: &[u8]) -> Option<Self> {
        if file.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Some(Self::Png);
        }
        if file.starts_with(&[0xff, 0xd8, 0xff]) {
            return Some(Self::Jpeg);
        }
        if file.starts_with(b"GIF87a") || file.starts_with(b"GIF89a") {
            return Some(Self::Gif);
        }
        (file.starts_with(b"RIFF") && file.get(8..12) == Some(b"WEBP")).then_some(Self::WebP)
    }

    /// Its media type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
        }
    }

    /// Its name, as the protocol writes it (`png`, `jpeg`, `gif`, `webp`).
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::Gif => "gif",
            Self::WebP => "webp",
        }
    }
}

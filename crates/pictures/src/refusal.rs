//! The reasons why a picture is refused.

/// The reason why a picture is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its content is of no known format.
    #[error("not a picture of a known kind")]
    Unknown,
    /// The file is cut off, or differs from its header.
    #[error("the picture is broken")]
    Broken,
    /// The picture has more pixels, frames or memory than are allowed.
    #[error("the picture has too many pixels")]
    TooLarge,
    /// Decoding took too long.
    #[error("the picture takes too long to decode")]
    Slow,
    /// Too many pictures wait for their turn; the request may be tried again.
    #[error("too many pictures are being worked on")]
    Busy,
}

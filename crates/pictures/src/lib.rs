//! Picture files of strangers: recognised by their content, decoded under limits, and encoded anew. Every result was
//! encoded here, so a file's name, its metadata (the location) and hidden data after its end are dropped; where pixels
//! must not be touched, the metadata is removed alone ([`scrubbed`]). PNG, JPEG, GIF and WebP; everything else is
//! refused, SVG above all.
//!
//! Nothing is decoded before its header was read: dimensions are checked first, large pictures are reduced while they
//! are decoded, and no picture takes more than about 48 MiB, however large it claims to be, or more than five seconds.
//! The functions of this crate block; [`ImageWorker`] runs them on threads of their own, a few at a time.
//!
//! There is deliberately no HTTP and no storage here, no file name, and no notion of what a picture is for: which sizes
//! are wanted, the caller says.

mod decode;
mod draw;
mod format;
mod gif;
mod header;
mod icon;
mod jpeg;
mod pipe;
mod png;
mod raw;
mod refusal;
mod render;
mod scrub;
mod square;
mod timed;
mod walk;
mod worker;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub use draw::identicon;
pub use format::Format;
pub use header::{Header, look};
pub use icon::icon;
pub use refusal::Refusal;
pub use render::{Bounds, Renderings, Sizes, renderings};
pub use scrub::{measure, rewrite, scrubbed};
pub use square::square;
pub use walk::Remainder;
pub use worker::ImageWorker;

/// A picture that was encoded here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The file's format.
    pub format: Format,
    /// The file.
    pub bytes: Vec<u8>,
}

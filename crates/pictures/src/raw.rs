//! A picture in memory: decoded, reduced to the size that is needed, not yet rotated.

use image::DynamicImage;
use image::error::{ImageError, LimitErrorKind};

use super::Refusal;

/// The most bytes of a picture while it is being decoded.
pub(super) const MEMORY: u64 = 36 << 20;

/// The most bytes of a decoded picture.
pub(super) const KEPT: u64 = 20 << 20;

/// The most bytes of a colour profile that is kept.
const PROFILE: usize = 16 << 10;

/// Pixels of 8 bits a channel, and their colour profile.
pub(super) struct Raw {
    pub(super) image: DynamicImage,
    pub(super) profile: Option<Vec<u8>>,
}

impl Raw {
    pub(super) fn new(image: DynamicImage, profile: Option<Vec<u8>>) -> Self {
        let fits = |p: &Vec<u8>| !p.is_empty() && p.len() <= PROFILE;
        Self { image, profile: profile.filter(fits) }
    }
}

/// Fails if a picture would take more memory than one may.
pub(super) fn afford(bytes: u64) -> Result<(), Refusal> {
    if bytes > MEMORY { Err(Refusal::TooLarge) } else { Ok(()) }
}

pub(super) fn limits() -> image::Limits {
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MEMORY);
    limits
}

/// The divisor of the sides that leaves `side` pixels across, or more where the result would not fit in memory.
pub(super) fn reduction(width: u32, height: u32, channels: u64, side: u32) -> u32 {
    let mut by = (width.min(height.saturating_mul(4)) / side.max(1)).max(1);
    while kept(width, height, by) * channels > KEPT {
        by += 1;
    }
    by
}

/// The number of pixels after the sides are divided.
pub(super) fn kept(width: u32, height: u32, by: u32) -> u64 {
    u64::from(width.div_ceil(by)) * u64::from(height.div_ceil(by))
}

pub(super) fn refuse(error: ImageError) -> Refusal {
    match error {
        ImageError::Limits(limit) if matches!(limit.kind(), LimitErrorKind::Unsupported { .. }) => {
            Refusal::Broken
        }
        ImageError::Limits(_) => Refusal::TooLarge,
        ImageError::IoError(e) if e.kind() == std::io::ErrorKind::TimedOut => Refusal::Slow,
        ImageError::IoError(_)
        | ImageError::Decoding(_)
        | ImageError::Encoding(_)
        | ImageError::Parameter(_)
        | ImageError::Unsupported(_) => Refusal::Broken,
    }
}

//! The upload limits of an organisation: those that its operators set, or else those of the settings.

use crate::config::Files;
use crate::services::platform::addresses::Org;

/// Limits in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// The most bytes of one file.
    pub file: u64,
    /// The most bytes of all files of the organisation together; 0 is no limit.
    pub(super) space: i64,
}

impl Allowance {
    /// The limits of `org`.
    pub fn of(settings: &Files, org: &Org) -> Self {
        let own = |bytes: i64| u64::try_from(bytes).ok().filter(|bytes| *bytes > 0);
        let space = own(org.row.max_bytes).unwrap_or(settings.quota);
        Self {
            file: own(org.row.max_file_bytes).unwrap_or(settings.max_size),
            space: i64::try_from(space).unwrap_or(i64::MAX),
        }
    }
}

//! How much an organisation may bring: what its operators allow it, or else what the settings allow each.

use crate::config::Files;
use crate::services::addresses::Org;

/// Bytes that files may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Those of one file.
    pub file: u64,
    /// Those of all files of the organisation together; 0 is no limit.
    pub(super) space: i64,
}

impl Allowance {
    /// What `org` may bring.
    pub fn of(settings: &Files, org: &Org) -> Self {
        let own = |bytes: i64| u64::try_from(bytes).ok().filter(|bytes| *bytes > 0);
        let space = own(org.row.max_bytes).unwrap_or(settings.quota);
        Self {
            file: own(org.row.max_file_bytes).unwrap_or(settings.max_size),
            space: i64::try_from(space).unwrap_or(i64::MAX),
        }
    }
}

//! Looking at roles, and changing what they permit in one's organisation.

mod patch;
mod read;

pub use patch::{RolePatch, patch};
pub use read::{all, by_id, by_name, by_names, shape};

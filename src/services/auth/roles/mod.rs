//! Reading roles, and changing their permissions in an organisation.

mod patch;
mod read;

pub use patch::{RolePatch, patch};
pub use read::{all, by_id, by_name, by_names, shape};

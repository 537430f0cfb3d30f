//! Reading roles, and changing their permissions in an organisation.

mod patch;
mod role_list;

pub use patch::{RolePatch, patch};
pub use role_list::{all, by_id, by_name, by_names, shape};

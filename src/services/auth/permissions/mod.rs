//! Permissions: all that there are (`names`), the roles that hold them (`built_in`), an organisation's changes to these
//! (`role_set`), and their cache, so that a request need not query the database for them (`memory`). The caller, and
//! changes to roles and schemes, are one layer above: in `auth`, `roles` and `schemes`.

mod built_in;
mod memory;
mod names;
mod rights;
mod role_set;

pub use built_in::{ADMIN, BUILT_IN, BuiltIn, GUEST, SchemeRole, USER, built_in};
pub use memory::RoleSets;
pub use names::{Permission, Permissions, Scope};
pub use rights::Rights;
pub use role_set::{MemberRole, Membership, RoleInForce, RoleSet, names_of, scheme_role};

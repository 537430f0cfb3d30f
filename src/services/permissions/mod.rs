//! What people may do: the permissions there are (`names`), the roles that hold them (`built_in`), what an organisation
//! made of these (`role_set`), and the memory of that, so that no request asks the database for it (`memory`). Who
//! asks, and what is changed here by whom, is above: in `auth`, `roles` and `schemes`.

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

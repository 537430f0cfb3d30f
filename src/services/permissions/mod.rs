//! What people may do: the permissions there are (`names`), the roles that hold them (`built_in`), what an organisation
//! made of these (`charter`), and the memory of that, so that no request asks the database for it (`memory`). Who asks,
//! and what is changed here by whom, is above: in `auth`, `roles` and `schemes`.

mod built_in;
mod charter;
mod memory;
mod names;
mod rights;

pub use built_in::{ADMIN, BUILT_IN, BuiltIn, GUEST, Part, USER, built_in};
pub use charter::{Charter, Place, Rank, RoleInForce, names_of, scheme_role};
pub use memory::Charters;
pub use names::{Permission, Permissions, Scope};
pub use rights::Rights;

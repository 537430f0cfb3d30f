//! Who is asking: the [`Caller`] that a living session proves, and what roles permit. What a caller may do in a team
//! or a channel is proven there.

mod caller;
pub mod roles;

pub use caller::{Admin, Caller, again, authenticate};

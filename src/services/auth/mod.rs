//! Who is asking: the [`Caller`] that a living session proves, and what roles permit. What a caller may do in a team
//! or a channel is proven there.

mod caller;
mod client;
pub mod roles;

pub use caller::{Admin, Caller, again, authenticate};
pub use client::Client;

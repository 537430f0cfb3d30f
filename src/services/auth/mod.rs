//! Who is asking: the [`Caller`] that a living session proves, and what the roles of their account permit. What they
//! may do in a team or a channel is proven there.

mod account;
mod caller;
mod client;

pub use crate::config::is_loopback;
pub use account::Account;
pub use caller::{
    Admin, Caller, Operator, Permit, admitted, again, authenticate, is_unheard_of, needs_second_factor,
    recognise,
};
pub use client::Client;

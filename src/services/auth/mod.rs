//! Authentication: the [`Caller`] that a valid session proves, and the permissions of their roles. Permissions in a
//! team or a channel are decided there.

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

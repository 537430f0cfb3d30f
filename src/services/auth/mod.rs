//! Who somebody is and what they may: the [`Caller`] that a valid session proves, credentials, login, sessions, second
//! factor, single sign-on, access tokens, permissions and the roles that hold them, authority over other accounts, and the
//! audit log. Permissions in a team or a channel are decided there; accounts are created and edited in `users`.

mod account;
pub mod accounts;
pub mod audits;
mod caller;
mod client;
mod core;
pub mod credentials;
pub mod login;
pub mod openid;
pub mod permissions;
pub mod roles;
pub mod tokens;

pub use crate::config::is_loopback;
pub use account::Account;
pub use caller::{
    Admin, Caller, Operator, Permit, admitted, again, authenticate, is_unheard_of, needs_second_factor,
    recognise,
};
pub use client::Client;
pub use core::{Core, Parts};

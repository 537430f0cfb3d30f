//! Credentials: passwords, access tokens, cached sessions, single sign-on, second factors, and the keys of the server's
//! secret. Leaf parts of the core; what a session allows a request is in `auth`.

mod hash_permit;
mod keys;
mod openid;
mod passwords;
mod queue;
mod sessions;
mod tokens;
mod totp;

pub use hash_permit::{HashPermit, Requester};
pub use keys::{Key, KeyHash};
pub use openid::{Identity, Proofs, Provider};
pub use passwords::{Passwords, PlainPassword};
pub use sessions::Sessions;
pub use tokens::Tokens;
pub use totp::Codes;

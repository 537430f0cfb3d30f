//! What proves who somebody is: passwords, access tokens, remembered sessions, and what the server's secret seals. Leaf
//! parts of the core; what a living session makes of a request is in `auth`.

mod hash_permit;
mod key_derivation;
mod keys;
mod openid;
mod passwords;
mod queue;
mod sessions;
mod tokens;
mod totp;

pub use hash_permit::{HashPermit, Requester};
pub use key_derivation::{KeyDerivation, Purpose, is_same, random_token};
pub use keys::{Key, KeyHash};
pub use openid::{Identity, Proofs, Provider};
pub use passwords::{Passwords, PlainPassword};
pub use sessions::Sessions;
pub use tokens::Tokens;
pub use totp::Codes;

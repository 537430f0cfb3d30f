//! What proves who somebody is: passwords, access tokens, remembered sessions. Leaf parts of the core; what a living
//! session makes of a request is in `auth`.

mod passwords;
mod sessions;
mod tokens;

pub use passwords::{Passwords, PlainPassword};
pub use sessions::Sessions;
pub use tokens::Tokens;

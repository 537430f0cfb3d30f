//! Logging in, and what it takes: passwords, second factors, mailed tokens, counts of failed attempts, and the sessions
//! that come of it. Single sign-on is in `openid`; what a session allows a request is told by `Caller`.

mod attempts;
mod mailed;
mod password;
mod reset;
mod second_factor;
mod sessions;
mod verify;
mod with_password;

pub use attempts::sweep as sweep_attempts;
pub(crate) use attempts::unlock;
pub(crate) use mailed::notice;
pub use mailed::sweep as sweep_mailed_tokens;
pub(crate) use password::confirm as confirm_password;
pub use password::{NewPassword, change_password};
pub use reset::{mail_reset, reset_password, send_reset};
pub use second_factor::{
    change as change_second_factor, new_recovery_codes, new_secret as new_second_factor,
};
pub(crate) use sessions::{end_all, end_others};
pub use sessions::{
    list as list_sessions, logout, revoke, revoke_all, revoke_everybodys as revoke_everybodys_sessions,
    set_device, sweep as sweep_sessions,
};
pub use verify::{mail_verification, send_verification, verify_email, vouch_for_email};
pub(crate) use verify::{post as post_verification, prove};
pub use with_password::{Credentials, LoggedIn, login};
pub(crate) use with_password::{admissible, begin, prove as prove_password};

//! An authenticator app.

use std::time::{SystemTime, UNIX_EPOCH};

use totp_rs::{Builder, Secret};

/// The code of a secret, now.
pub(crate) fn code(secret: &str) -> String {
    code_of_step(secret, step_now())
}

/// Its code of a time step.
pub(crate) fn code_of_step(secret: &str, step: u64) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let app = Builder::new().with_secret(secret).with_account_name("app").with_issuer(Some("app")).build();
    app.unwrap().generate(step * 30).to_string()
}

/// The time step of now.
pub(crate) fn step_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 30
}

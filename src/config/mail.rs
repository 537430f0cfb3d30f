//! The settings of the SMTP server.

use serde::Deserialize;

use super::Secret;

/// The SMTP server for outgoing mail; without a host, mail is written to files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml is the reference")]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    pub username: String,
    pub password: Secret,
    pub from: String,
}

/// The protection of the connection to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// Unencrypted.
    None,
    /// Begins unencrypted and must switch to TLS before anything is sent.
    StartTls,
    /// TLS from the beginning.
    Tls,
}

impl Smtp {
    /// The port in use: the one that is set, or else the default of the protection.
    pub fn port(&self) -> u16 {
        match (self.port, self.tls) {
            (0, Tls::None) => 25,
            (0, Tls::StartTls) => 587,
            (0, Tls::Tls) => 465,
            (port, Tls::None | Tls::StartTls | Tls::Tls) => port,
        }
    }

    /// The key with an unusable value, and the reason.
    pub(super) fn mistake(&self) -> Option<(&'static str, &'static str)> {
        if self.host.is_empty() {
            return None;
        }
        if !self.from.contains('@') {
            return Some(("smtp.from", "must be the address that mail is from"));
        }
        let is_local = matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "::1");
        if self.tls == Tls::None && !self.username.is_empty() && !is_local {
            return Some(("smtp.tls", "must be starttls or tls: the password would travel in the clear"));
        }
        None
    }
}

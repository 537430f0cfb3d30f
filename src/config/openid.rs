//! The settings of single sign-on.

use serde::Deserialize;

use super::Secret;

/// The OpenID Connect provider; single sign-on is off without an issuer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml is the reference")]
pub struct OpenId {
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Secret,
    pub scopes: String,
    pub button_text: String,
    pub button_color: String,
    pub link_by_email: bool,
    pub trust_email: bool,
}

impl OpenId {
    /// Whether single sign-on is on.
    pub fn is_on(&self) -> bool {
        !self.issuer.is_empty()
    }

    /// The key with an unusable value, and the reason.
    pub(super) fn mistake(&self, site_url: &str) -> Option<(&'static str, &'static str)> {
        if !self.is_on() {
            return None;
        }
        let local = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
        if !self.issuer.starts_with("https://") && !local.iter().any(|l| self.issuer.starts_with(l)) {
            return Some(("openid.issuer", "must begin with https://: what it says decides who comes in"));
        }
        if self.client_id.is_empty() {
            return Some(("openid.client_id", "must be set where openid.issuer is"));
        }
        if site_url.is_empty() {
            return Some((
                "site.url",
                "must be set where openid.issuer is: the provider sends people back to it",
            ));
        }
        None
    }
}

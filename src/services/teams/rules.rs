//! Validation of a team's texts. Lengths are in characters.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::services::platform::texts::is_title;

/// Name prefixes that are, or may become, paths of the site.
const RESERVED: [&str; 17] = [
    "admin",
    "api",
    "channel",
    "claim",
    "error",
    "files",
    "help",
    "landing",
    "login",
    "mfa",
    "oauth",
    "plug",
    "plugins",
    "post",
    "signup",
    "boards",
    "playbooks",
];

/// A team to be created.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields of the protocol's team")]
pub struct NewTeam {
    pub name: String,
    pub display_name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub description: String,
    pub company_name: String,
    pub allowed_domains: String,
    pub allow_open_invite: bool,
}

/// The changes to a team; absent fields stay as they are.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields of the protocol's team")]
pub struct TeamPatch {
    pub display_name: Option<String>,
    pub description: Option<String>,
    pub company_name: Option<String>,
    pub allowed_domains: Option<String>,
    pub allow_open_invite: Option<bool>,
}

impl NewTeam {
    /// Validates the new team; fails with the protocol's error for the field.
    pub(in crate::services) fn check(&self) -> Result<()> {
        display_name(&self.display_name)?;
        description(&self.description)?;
        name(&self.name)?;
        if !matches!(self.kind.as_str(), "O" | "I") {
            return Err(Error::invalid("model.team.is_valid.type.app_error", "Invalid type."));
        }
        company_name(&self.company_name)?;
        allowed_domains(&self.allowed_domains)
    }
}

impl TeamPatch {
    /// Validates the changes; fails with the protocol's error for the field.
    pub(super) fn check(&self) -> Result<()> {
        self.display_name.as_deref().map_or(Ok(()), display_name)?;
        self.description.as_deref().map_or(Ok(()), description)?;
        self.company_name.as_deref().map_or(Ok(()), company_name)?;
        self.allowed_domains.as_deref().map_or(Ok(()), allowed_domains)
    }
}

/// Whether an address belongs to one of the domains of a team; a team without domains admits every address. Whether the
/// address is verified is checked separately.
pub(in crate::services) fn admits(allowed_domains: &str, email: &str) -> bool {
    let domain = email.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default();
    !is_restricted(allowed_domains) || named(allowed_domains).any(|d| d.eq_ignore_ascii_case(domain))
}

/// Whether a team admits only addresses of certain domains.
pub(in crate::services) fn is_restricted(allowed_domains: &str) -> bool {
    named(allowed_domains).next().is_some()
}

fn named(allowed_domains: &str) -> impl Iterator<Item = &str> {
    allowed_domains.split([',', ' ', ';']).map(|d| d.trim_start_matches('@')).filter(|d| !d.is_empty())
}

fn name(name: &str) -> Result<()> {
    if name.len() > 64 {
        return Err(Error::invalid("model.team.is_valid.url.app_error", "Invalid URL Identifier."));
    }
    let lower = name.to_lowercase();
    if RESERVED.iter().any(|r| lower.starts_with(r)) {
        return Err(Error::invalid(
            "model.team.is_valid.reserved.app_error",
            "This URL is unavailable. Please try another.",
        ));
    }
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let inside = name.bytes().all(|b| plain(b) || b == b'-');
    let ends = name.bytes().next().is_some_and(plain) && name.bytes().last().is_some_and(plain);
    if name.len() < 2 || !inside || !ends {
        return Err(Error::invalid(
            "model.team.is_valid.characters.app_error",
            "Name must be 2 or more lowercase alphanumeric characters.",
        ));
    }
    Ok(())
}

fn display_name(text: &str) -> Result<()> {
    if text.is_empty() || text.chars().count() > 64 || !is_title(text) {
        return Err(Error::invalid("model.team.is_valid.name.app_error", "Invalid name."));
    }
    Ok(())
}

fn description(text: &str) -> Result<()> {
    if text.chars().count() > 255 {
        return Err(Error::invalid("model.team.is_valid.description.app_error", "Invalid description."));
    }
    Ok(())
}

fn company_name(text: &str) -> Result<()> {
    if text.chars().count() > 64 {
        return Err(Error::invalid("model.team.is_valid.company.app_error", "Invalid company name."));
    }
    Ok(())
}

fn allowed_domains(text: &str) -> Result<()> {
    if text.chars().count() > 500 {
        return Err(Error::invalid("model.team.is_valid.domains.app_error", "Invalid allowed domains."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_plain_and_no_path_of_the_site() {
        for good in ["ab", "team-one", "1st", "other"] {
            assert!(name(good).is_ok(), "{good}");
        }
        let long = "x".repeat(65);
        for (bad, why) in [
            ("a", "characters"),
            ("Bad Name!", "characters"),
            ("-ab", "characters"),
            ("ab-", "characters"),
            ("api-x", "reserved"),
            (long.as_str(), "url"),
        ] {
            let id = name(bad).expect_err(bad).id;
            assert_eq!(id, format!("model.team.is_valid.{why}.app_error"), "{bad}");
        }
    }

    #[test]
    fn domains_admit_their_owners_only() {
        assert!(admits("", "ann@anywhere.org"));
        assert!(admits(" @example.com, example.org", "ann@EXAMPLE.org"));
        assert!(!admits("example.com", "ann@notexample.com"));
        assert!(!admits("example.com", "example.com"));
    }
}

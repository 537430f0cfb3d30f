//! Validation of a channel's texts. Lengths are in characters.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::services::platform::texts::is_title;
use crate::wire::{ChannelKind, TeamId, UnknownWord};

/// The name of the channel that every member of a team is in and cannot leave.
pub const TOWN_SQUARE: &str = "town-square";
/// The name of the other channel that every team begins with.
pub const OFF_TOPIC: &str = "off-topic";

/// A channel of a team to be created.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields of the protocol's channel")]
pub struct NewChannel {
    pub team_id: TeamId,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub display_name: String,
    #[serde(rename = "type", default)]
    pub kind: String,
    #[serde(default)]
    pub header: String,
    #[serde(default)]
    pub purpose: String,
}

/// The changes to a channel; absent fields stay as they are.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields of the protocol's channel")]
pub struct ChannelPatch {
    pub name: Option<String>,
    pub display_name: Option<String>,
    pub header: Option<String>,
    pub purpose: Option<String>,
}

impl NewChannel {
    /// Validates the new channel and returns its type; fails with the protocol's error for the field.
    pub(super) fn check(&self) -> Result<ChannelKind> {
        let kind = match self.kind.parse() {
            Ok(kind @ (ChannelKind::Public | ChannelKind::Private)) => kind,
            Ok(ChannelKind::Direct | ChannelKind::Group) => {
                return Err(Error::invalid(
                    "api.channel.create_channel.direct_channel.app_error",
                    "Must use createDirectChannel API service for direct message channel creation.",
                ));
            }
            Err(UnknownWord(_)) => {
                return Err(Error::invalid("model.channel.is_valid.type.app_error", "Invalid type."));
            }
        };
        name(&self.name)?;
        display_name(&self.display_name)?;
        header(&self.header)?;
        purpose(&self.purpose)?;
        Ok(kind)
    }
}

impl ChannelPatch {
    /// Validates the changes; fails with the protocol's error for the field.
    pub(super) fn check(&self) -> Result<()> {
        self.name.as_deref().map_or(Ok(()), name)?;
        self.display_name.as_deref().map_or(Ok(()), display_name)?;
        self.header.as_deref().map_or(Ok(()), header)?;
        self.purpose.as_deref().map_or(Ok(()), purpose)
    }
}

fn name(name: &str) -> Result<()> {
    if name.contains("__") {
        return Err(Error::invalid(
            "api.channel.create_channel.invalid_character.app_error",
            "Invalid character '__' in channel name for non-direct channel.",
        ));
    }
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let inside = name.bytes().all(|b| plain(b) || b == b'-' || b == b'_');
    if !inside || !name.bytes().next().is_some_and(plain) || name.len() > 64 {
        return Err(Error::invalid(
            "model.channel.is_valid.2_or_more.app_error",
            "Name must be 2 or more lowercase alphanumeric characters.",
        ));
    }
    Ok(())
}

fn display_name(text: &str) -> Result<()> {
    if text.chars().count() > 64 || !is_title(text) {
        return Err(Error::invalid("model.channel.is_valid.display_name.app_error", "Invalid display name."));
    }
    Ok(())
}

fn header(text: &str) -> Result<()> {
    if text.chars().count() > 1024 {
        return Err(Error::invalid("model.channel.is_valid.header.app_error", "Invalid header."));
    }
    Ok(())
}

fn purpose(text: &str) -> Result<()> {
    if text.chars().count() > 250 {
        return Err(Error::invalid("model.channel.is_valid.purpose.app_error", "Invalid purpose."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain_and_never_those_of_direct_channels() {
        let long = "x".repeat(64);
        for good in ["a", "chan-one", "with_one", "1st", long.as_str()] {
            assert!(name(good).is_ok(), "{good}");
        }
        let longer = "x".repeat(65);
        for bad in ["", "Bad Name!", "-a", "_a", "ä", "a__b", longer.as_str()] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        let patch = |purpose: String| ChannelPatch { purpose: Some(purpose), ..ChannelPatch::default() };
        assert!(patch("ä".repeat(250)).check().is_ok());
        assert!(patch("ä".repeat(251)).check().is_err());
    }
}

//! The errors of the crates that know nothing of ours, by meaning; with the setting that mends each.

use fetcher::OptionsError;
use pictures::Refusal;
use private_postgres::StartError;

use super::Error;

impl Error {
    /// A file cannot be used as a picture; `id` is the protocol's name for that.
    pub fn unusable_picture(id: &'static str, refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown | Refusal::Broken | Refusal::TooLarge | Refusal::Slow => {
                Self::invalid(id, format!("The file cannot be used as a picture: {refusal}."))
            }
            Refusal::Busy => Self::unavailable(refusal.to_string()),
        }
    }
}

impl From<OptionsError> for Error {
    fn from(error: OptionsError) -> Self {
        let key = match error {
            OptionsError::Port(_) => "fetch.ports",
            OptionsError::Network(_) => "fetch.inner_networks",
        };
        Self::internal(format!("settings: {key}: {error}"))
    }
}

impl From<StartError> for Error {
    fn from(error: StartError) -> Self {
        Self::unavailable(format!("{error}: {}", remedy(&error)))
    }
}

/// What an operator can do about a private PostgreSQL that does not start, as the end of a sentence.
fn remedy(error: &StartError) -> String {
    const OWN: &str = "or point RUSTCHAT__DATABASE__URL at a database of your own";
    let fixed = match error {
        StartError::NoBinaries { .. } => return format!("run `apt-get install postgresql-15`, {OWN}"),
        StartError::OtherVersion { version, .. } => {
            return format!("run `apt-get install postgresql-{version}`, {OWN}");
        }
        StartError::NoAccount { .. } => {
            return format!("choose a folder such as /var/lib/rustchat with RUSTCHAT__DATA_DIR, {OWN}");
        }
        StartError::Failed { .. } | StartError::Name { .. } => return format!("mend that, {OWN}"),
        StartError::InUse { .. } => "stop it, or give this one a folder of its own with RUSTCHAT__DATA_DIR",
        StartError::NotACluster { .. } => "empty it, or choose another folder with RUSTCHAT__DATA_DIR",
        StartError::DiskFull { .. } => {
            "free some space, or choose a folder on another disk with RUSTCHAT__DATA_DIR"
        }
        StartError::ReadOnly { .. } => {
            "mount it writable, or choose a folder on another disk with RUSTCHAT__DATA_DIR"
        }
        StartError::Denied { .. } => "give it the folder, or choose another one with RUSTCHAT__DATA_DIR",
        StartError::Folder { .. } => "mend that, or choose another folder with RUSTCHAT__DATA_DIR",
        StartError::Orphan { .. } => "end it first",
        StartError::Slow { .. } => "look for a slow disk, then start again",
        StartError::Thread(_) => "raise this account's limit of processes",
    };
    fixed.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_setting_that_is_wrong_is_named() {
        let error = Error::from(OptionsError::Port("x".to_owned()));
        assert_eq!(error.detail.as_deref(), Some("settings: fetch.ports: x is no port"));
        let error = Error::from(OptionsError::Network("10.0.0.0/33".to_owned()));
        assert_eq!(
            error.detail.as_deref(),
            Some("settings: fetch.inner_networks: 10.0.0.0/33 is no network")
        );
    }

    #[test]
    fn only_a_crowd_is_worth_another_try() {
        let crowd = Error::unusable_picture("x", Refusal::Busy);
        assert!(matches!(crowd.kind, Kind::Unavailable { .. }), "{crowd}");
        let broken = Error::unusable_picture("x", Refusal::Broken);
        assert_eq!(
            (broken.kind, broken.id, broken.message.as_ref()),
            (Kind::Invalid, "x", "The file cannot be used as a picture: the picture is broken.")
        );
    }
}

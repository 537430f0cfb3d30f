//! The keys of objects: `<organisation>/<kind>/<id>`, all of it made by the server. A user's text is never part of it,
//! so no name can point elsewhere.

use std::fmt;

use uuid::Uuid;

use crate::wire::{OrgId, id};

/// The key of one object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    org: String,
    kind: &'static str,
    id: String,
    variant: &'static str,
}

impl Key {
    /// The object `id` of a kind (lowercase letters) in an organisation.
    pub fn new(org: OrgId, kind: &'static str, id: Uuid) -> Self {
        Self { org: id::encode(org.0), kind, id: id::encode(id), variant: "" }
    }

    /// An object that belongs to this one: a variant (lowercase letters) of it.
    pub fn variant(&self, variant: &'static str) -> Self {
        Self { variant, ..self.clone() }
    }

    /// The path below a folder: two levels of 256 folders each spread the objects of one kind. Variants lie together.
    pub(super) fn fanned_out(&self) -> String {
        let spread =
            self.id.bytes().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
        let (outer, inner) = (spread >> 24, spread >> 8 & 0xff);
        format!("{}/{}/{outer:02x}/{inner:02x}/{}", self.org, self.kind, self.last())
    }

    fn last(&self) -> String {
        if self.variant.is_empty() { self.id.clone() } else { format!("{}.{}", self.id, self.variant) }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.org, self.kind, self.last())
    }
}

/// The prefix of the keys of an organisation.
pub(super) fn of_org(org: OrgId) -> String {
    format!("{}/", id::encode(org.0))
}

/// The prefix of the keys of a kind in an organisation.
pub(super) fn of_kind(org: OrgId, kind: &'static str) -> String {
    format!("{}/{kind}/", id::encode(org.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_spread_and_variants_lie_together() {
        let org = OrgId::new();
        let keys: Vec<Key> = (0..200).map(|_| Key::new(org, "files", Uuid::now_v7())).collect();
        let folder = |k: &Key| k.fanned_out().rsplit_once('/').map(|(folder, _)| folder.to_owned());
        let folders: std::collections::BTreeSet<_> = keys.iter().map(folder).collect();
        assert!(folders.len() > 180, "{}", folders.len());
        for key in keys {
            assert_eq!(folder(&key), folder(&key.variant("preview")));
            assert!(key.fanned_out().starts_with(&of_kind(org, "files")), "{key:?}");
            assert!(key.variant("preview").to_string().ends_with(".preview"));
        }
    }
}

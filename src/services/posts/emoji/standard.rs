//! The standard emoji, which every client knows by name: the protocol's short names, with flags, aliases and skin
//! tones. The web client uses the same table; `web/src/lib/emoji/README.md` states its origin and licence.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// Suffixes of names for the skin tones, in the order of the table.
const TONES: [&str; 5] = [
    "_light_skin_tone",
    "_medium_light_skin_tone",
    "_medium_skin_tone",
    "_medium_dark_skin_tone",
    "_dark_skin_tone",
];

#[derive(Deserialize)]
struct Entry {
    names: Vec<String>,
    #[serde(default)]
    skins: Vec<String>,
    /// For emoji of two people: the skin tones of the second person for each of the first person's.
    #[serde(default)]
    pairs: Vec<String>,
}

/// The names of each emoji, and of each of its skin tones; reactions are stored under the first one.
static GROUPS: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    let entries: Result<Vec<Entry>, _> =
        serde_json::from_str(include_str!("../../../../web/src/lib/emoji/emoji.json"));
    entries.unwrap_or_default().into_iter().flat_map(Entry::into_groups).collect()
});

static BY_NAME: LazyLock<HashMap<&str, &[String]>> = LazyLock::new(|| {
    let named = |group: &'static Vec<String>| group.iter().map(move |name| (name.as_str(), group.as_slice()));
    GROUPS.iter().flat_map(named).collect()
});

impl Entry {
    fn into_groups(self) -> Vec<Vec<String>> {
        let exists = |sign: &&String| !sign.is_empty();
        let alone =
            self.skins.iter().zip(TONES).filter(|(sign, _)| exists(sign)).map(|(_, tone)| tone.to_owned());
        let both = TONES.iter().flat_map(|first| TONES.iter().map(move |second| format!("{first}{second}")));
        let both = self.pairs.iter().zip(both).filter(|(sign, _)| exists(sign)).map(|(_, tones)| tones);
        std::iter::once(String::new())
            .chain(alone)
            .chain(both)
            .map(|ending| self.names.iter().map(|name| format!("{name}{ending}")).collect())
            .collect()
    }
}

/// Whether the name is that of a standard emoji.
pub(super) fn is_everywhere(name: &str) -> bool {
    BY_NAME.contains_key(name)
}

/// All names of a standard emoji, the usual one first; empty for others.
pub(super) fn names(name: &str) -> &'static [String] {
    BY_NAME.get(name).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_the_protocol_are_known() {
        for name in [
            "smile",
            "+1",
            "thumbsup",
            "+1_dark_skin_tone",
            "thumbsup_medium_light_skin_tone",
            "flag-de",
            "de",
            "people_holding_hands_light_skin_tone_dark_skin_tone",
            "flag-england",
            "dark_skin_tone",
            "man-gesturing-ok",
        ] {
            assert!(is_everywhere(name), "{name}");
        }
        assert!(
            !is_everywhere("smile_dark_skin_tone") && !is_everywhere("parrot_of_ours") && !is_everywhere("")
        );
        assert!(BY_NAME.len() > 4000, "{}", BY_NAME.len());
    }

    #[test]
    fn all_names_of_an_emoji_lead_to_the_same_one() {
        assert_eq!(names("thumbsup"), ["+1", "thumbsup"]);
        assert_eq!(names("thumbsup_dark_skin_tone"), ["+1_dark_skin_tone", "thumbsup_dark_skin_tone"]);
        assert_eq!(names("flag-de"), names("de"));
        assert!(names("parrot_of_ours").is_empty());
        let named: usize = GROUPS.iter().map(Vec::len).sum();
        assert_eq!(named, BY_NAME.len(), "a name has one emoji");
    }
}

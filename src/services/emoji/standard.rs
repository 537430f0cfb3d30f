//! The emoji that every client knows by name: the protocol's short names, with flags, aliases and tones of skin. The table
//! is the web client's too; `web/src/lib/emoji/README.md` says whose it is.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;

/// Endings of names for the tones of skin, in the order of the table.
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
    /// Of two people: the second one's tones for each of the first one's.
    #[serde(default)]
    pairs: Vec<String>,
}

static NAMES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let entries: Result<Vec<Entry>, _> =
        serde_json::from_str(include_str!("../../../web/src/lib/emoji/emoji.json"));
    entries.unwrap_or_default().into_iter().flat_map(Entry::into_names).collect()
});

impl Entry {
    fn into_names(self) -> Vec<String> {
        let exists = |sign: &&String| !sign.is_empty();
        let alone =
            self.skins.iter().zip(TONES).filter(|(sign, _)| exists(sign)).map(|(_, tone)| tone.to_owned());
        let both = TONES.iter().flat_map(|first| TONES.iter().map(move |second| format!("{first}{second}")));
        let both = self.pairs.iter().zip(both).filter(|(sign, _)| exists(sign)).map(|(_, tones)| tones);
        let endings: Vec<String> = std::iter::once(String::new()).chain(alone).chain(both).collect();
        self.names
            .iter()
            .flat_map(|name| endings.iter().map(move |ending| format!("{name}{ending}")))
            .collect()
    }
}

/// Whether every client knows a picture for the name.
pub(super) fn is_everywhere(name: &str) -> bool {
    NAMES.contains(name)
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
        assert!(NAMES.len() > 4000, "{}", NAMES.len());
    }
}

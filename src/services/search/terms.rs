//! The language of search terms: words, `"phrases"`, `word*`, `#hashtags`, `from:`, `in:`, `before:`, `after:`, `on:`,
//! and a `-` before any of them.

use crate::db::search::Says;
use crate::wire::Millis;

/// Conditions that one search can have; the rest is left out.
const MAX_CONDITIONS: usize = 30;

const DAY: Millis = 86_400_000;

/// What the terms ask for. Times are milliseconds since 1970.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Terms {
    pub(super) says: Vec<Says>,
    pub(super) says_not: Vec<Says>,
    pub(super) from: Vec<String>,
    pub(super) not_from: Vec<String>,
    pub(super) within: Vec<String>,
    pub(super) not_within: Vec<String>,
    /// Ends of files' names; posts have none.
    pub(super) extensions: Vec<String>,
    pub(super) not_extensions: Vec<String>,
    /// Made at or after.
    pub(super) after: Option<Millis>,
    /// Made before.
    pub(super) before: Option<Millis>,
}

impl Terms {
    /// Reads terms; days begin `offset` seconds before they do in Greenwich. What is not understood is a word.
    pub(super) fn parse(text: &str, offset: i64) -> Self {
        let mut terms = Self::default();
        for (word, quoted) in words(text).into_iter().take(MAX_CONDITIONS) {
            match word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
                Some(rest) => terms.take(rest, quoted, offset, false),
                None => terms.take(&word, quoted, offset, true),
            }
        }
        terms
    }

    /// Whether nothing is asked for.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn take(&mut self, word: &str, quoted: bool, offset: i64, wanted: bool) {
        let (flag, value) = if quoted { ("", word) } else { word.split_once(':').unwrap_or(("", word)) };
        let name = || value.trim_start_matches(['@', '~']).to_lowercase();
        match (flag.to_ascii_lowercase().as_str(), day(value, offset)) {
            ("from", _) => if wanted { &mut self.from } else { &mut self.not_from }.push(name()),
            ("in" | "channel", _) => {
                if wanted { &mut self.within } else { &mut self.not_within }.push(name())
            }
            ("ext", _) if !value.is_empty() => {
                let extension = value.trim_start_matches('.').to_lowercase();
                if wanted { &mut self.extensions } else { &mut self.not_extensions }.push(extension);
            }
            ("before", Some(day)) if wanted => self.before = Some(day),
            ("after", Some(day)) if wanted => self.after = Some(day + DAY),
            ("on", Some(day)) if wanted => (self.after, self.before) = (Some(day), Some(day + DAY)),
            _ => if wanted { &mut self.says } else { &mut self.says_not }.extend(says(word, quoted)),
        }
    }
}

fn says(word: &str, quoted: bool) -> Option<Says> {
    if !word.chars().any(char::is_alphanumeric) {
        return None;
    }
    if quoted {
        return Some(Says::Phrase(word.to_owned()));
    }
    if let Some(tag) = word.strip_prefix('#') {
        return Some(Says::Hashtag(tag.trim_end_matches('*').to_owned()));
    }
    match word.strip_suffix('*') {
        Some(prefix) if prefix.chars().all(char::is_alphanumeric) => Some(Says::Prefix(prefix.to_owned())),
        _ => Some(Says::Phrase(word.trim_matches('*').to_owned())),
    }
}

/// Words and phrases of a text, and which of them stood in quotes. A `-` before a quote belongs to the phrase.
fn words(text: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for (i, part) in text.split('"').enumerate() {
        if i % 2 == 1 {
            let minus = found.last().is_some_and(|(w, quoted): &(String, bool)| w == "-" && !quoted);
            if minus {
                found.pop();
            }
            found.push((format!("{}{part}", if minus { "-" } else { "" }), true));
        } else {
            found.extend(part.split_whitespace().map(|w| (w.to_owned(), false)));
        }
    }
    found
}

/// The beginning of the day `YYYY-MM-DD`.
fn day(text: &str, offset: i64) -> Option<Millis> {
    let mut parts = text.split('-').map(|p| p.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let valid = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !valid || parts.next().is_some() {
        return None;
    }
    // Days since 1970 of a date in the Gregorian calendar, counted in years that begin in March.
    let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    Some(days * DAY - offset * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_take_time_in_proportion_to_their_length() {
        crate::services::texts::growth::assert_linear_for_all(|text| drop(Terms::parse(text, 0)));
    }

    fn phrase(text: &str) -> Says {
        Says::Phrase(text.to_owned())
    }

    #[test]
    fn words_phrases_and_their_opposites() {
        let terms = Terms::parse("number \"of five\" -3 -\"a b\" wor* #tag", 0);
        assert_eq!(
            terms.says,
            [phrase("number"), phrase("of five"), Says::Prefix("wor".into()), Says::Hashtag("tag".into())]
        );
        assert_eq!(terms.says_not, [phrase("3"), phrase("a b")]);
    }

    #[test]
    fn people_places_and_days() {
        let terms = Terms::parse("from:@Bob -from:ann in:~town-square on:1970-01-02", 3600);
        assert_eq!((terms.from, terms.not_from), (vec!["bob".to_owned()], vec!["ann".to_owned()]));
        assert_eq!(terms.within, ["town-square"]);
        assert_eq!((terms.after, terms.before), (Some(DAY - 3_600_000), Some(2 * DAY - 3_600_000)));
        assert_eq!(day("2026-11-22", 0), Some(1_795_305_600_000));
        assert_eq!(day("2000-02-29", 0), Some(951_782_400_000));
    }

    #[test]
    fn nonsense_asks_for_nothing() {
        assert!(Terms::parse("- * \"\" ***", 0).is_empty());
        assert_eq!(Terms::parse("before:soon", 0).says, [phrase("before:soon")]);
    }
}

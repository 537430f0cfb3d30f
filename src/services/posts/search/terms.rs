//! The language of search terms: words, `"phrases"`, `word*`, `#hashtags`, `from:`, `in:`, `before:`, `after:`, `on:`,
//! and a `-` before any of them. An operator's value may follow after a space, as clients write it.

use crate::db::search::Says;
use crate::wire::Millis;

/// The most conditions of one search; the rest is ignored.
const MAX_CONDITIONS: usize = 30;

const DAY: Millis = 86_400_000;

/// The conditions of a search. Times are milliseconds since 1970.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Terms {
    pub(super) says: Vec<Says>,
    pub(super) says_not: Vec<Says>,
    pub(super) from: Vec<String>,
    pub(super) not_from: Vec<String>,
    pub(super) within: Vec<String>,
    pub(super) not_within: Vec<String>,
    /// File name extensions; posts have none.
    pub(super) extensions: Vec<String>,
    pub(super) not_extensions: Vec<String>,
    /// The earliest time of creation, inclusive.
    pub(super) after: Option<Millis>,
    /// The latest time of creation, exclusive.
    pub(super) before: Option<Millis>,
    /// The beginnings of days that are excluded.
    pub(super) not_on: Vec<Millis>,
}

/// The operators of search terms.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    From,
    Within,
    Extension,
    Before,
    After,
    On,
}

impl Operator {
    /// The operator at the beginning of a word, and its value.
    fn of(word: &str) -> Option<(Self, &str)> {
        let (name, value) = word.split_once(':')?;
        let operator = match name.to_ascii_lowercase().as_str() {
            "from" => Self::From,
            "in" | "channel" => Self::Within,
            "ext" => Self::Extension,
            "before" => Self::Before,
            "after" => Self::After,
            "on" => Self::On,
            _ => return None,
        };
        Some((operator, value))
    }
}

impl Terms {
    /// Parses terms; days begin `offset` seconds before they do in UTC. A term that is no valid operator is a word.
    pub(super) fn parse(text: &str, offset: i64) -> Self {
        let mut terms = Self::default();
        for Word { text: word, quoted, .. } in joined(words(text)).into_iter().take(MAX_CONDITIONS) {
            match word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
                Some(rest) => terms.take(rest, quoted, offset, false),
                None => terms.take(&word, quoted, offset, true),
            }
        }
        terms
    }

    /// Whether there are no conditions.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn take(&mut self, word: &str, quoted: bool, offset: i64, wanted: bool) {
        let Some((operator, value)) = Operator::of(word).filter(|_| !quoted) else {
            return if wanted { &mut self.says } else { &mut self.says_not }.extend(says(word, quoted));
        };
        // No value yet: the person is still typing.
        if value.is_empty() {
            return;
        }
        let name = value.trim_start_matches('~').to_lowercase();
        match (operator, day(value, offset), wanted) {
            (Operator::From, _, true) => self.from.push(name.trim_start_matches('@').to_owned()),
            (Operator::From, _, false) => self.not_from.push(name.trim_start_matches('@').to_owned()),
            (Operator::Within, _, true) => self.within.push(name),
            (Operator::Within, _, false) => self.not_within.push(name),
            (Operator::Extension, _, true) => self.extensions.push(extension(value)),
            (Operator::Extension, _, false) => self.not_extensions.push(extension(value)),
            (Operator::Before, Some(day), true) => self.made(None, Some(day)),
            (Operator::Before, Some(day), false) => self.made(Some(day), None),
            (Operator::After, Some(day), true) => self.made(Some(day + DAY), None),
            (Operator::After, Some(day), false) => self.made(None, Some(day + DAY)),
            (Operator::On, Some(day), true) => self.made(Some(day), Some(day + DAY)),
            (Operator::On, Some(day), false) => self.not_on.push(day),
            (Operator::Before | Operator::After | Operator::On, None, _) => {
                if wanted { &mut self.says } else { &mut self.says_not }.extend(says(word, quoted));
            }
        }
    }

    /// Narrows the time: all conditions must hold.
    fn made(&mut self, after: Option<Millis>, before: Option<Millis>) {
        self.after = self.after.max(after);
        self.before = match (self.before, before) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}

fn extension(value: &str) -> String {
    value.trim_start_matches('.').to_lowercase()
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

/// A word, or a phrase in quotes.
#[derive(Debug, Clone)]
struct Word {
    text: String,
    quoted: bool,
    /// Whether it follows the word before without a space.
    adjoins: bool,
}

/// Splits a text into words and phrases. A `-` before a quote belongs to the phrase.
fn words(text: &str) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    let mut before = "";
    for (i, part) in text.split('"').enumerate() {
        if i % 2 == 1 {
            let minus = found.pop_if(|word| word.text == "-" && !word.quoted).is_some();
            let adjoins = !minus && before.ends_with(|c: char| !c.is_whitespace());
            let text = format!("{}{part}", if minus { "-" } else { "" });
            found.push(Word { text, quoted: true, adjoins });
        } else {
            let word = |text: &str| Word { text: text.to_owned(), quoted: false, adjoins: false };
            found.extend(part.split_whitespace().map(word));
        }
        before = part;
    }
    found
}

/// Joins operators with their values: the next word, unless that is an operator itself, or a phrase that follows the
/// colon directly.
fn joined(words: Vec<Word>) -> Vec<Word> {
    let mut joined: Vec<Word> = Vec::with_capacity(words.len());
    for word in words {
        let operator = |text: &str| {
            Operator::of(text.strip_prefix('-').unwrap_or(text)).map(|(_, value)| value.is_empty())
        };
        match joined.last_mut() {
            Some(before)
                if !before.quoted
                    && operator(&before.text) == Some(true)
                    && (if word.quoted { word.adjoins } else { operator(&word.text).is_none() }) =>
            {
                before.text.push_str(word.text.trim());
            }
            _ => joined.push(word),
        }
    }
    joined
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
        crate::services::platform::texts::growth::assert_linear_for_all(|text| drop(Terms::parse(text, 0)));
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
    fn what_an_operator_is_about_may_stand_behind_a_space() {
        let terms = Terms::parse("from: ann in: town-square on: 1970-01-02 pie", 0);
        assert_eq!((terms.from, terms.within), (vec!["ann".to_owned()], vec!["town-square".to_owned()]));
        assert_eq!((terms.after, terms.before, terms.says), (Some(DAY), Some(2 * DAY), vec![phrase("pie")]));
        let terms = Terms::parse("-from: @Bob in:\"town-square\" in: @ann", 0);
        assert_eq!(
            (terms.not_from, terms.within),
            (vec!["bob".to_owned()], vec!["town-square".into(), "@ann".into()])
        );
        let terms = Terms::parse("in: from:ann \"a phrase\"", 0);
        assert_eq!((terms.within, terms.from), (vec![], vec!["ann".to_owned()]));
        assert_eq!(terms.says, [phrase("a phrase")]);
        assert_eq!(Terms::parse("from: \"a phrase\"", 0).says, [phrase("a phrase")], "a phrase is no name");
        assert!(Terms::parse("from:", 0).is_empty());
    }

    #[test]
    fn opposites_of_days_are_honoured_and_all_conditions_hold() {
        let times = |text| {
            let terms = Terms::parse(text, 0);
            assert!(terms.says.is_empty() && terms.says_not.is_empty(), "{text}");
            (terms.after, terms.before, terms.not_on)
        };
        assert_eq!(times("-before:1970-01-02"), (Some(DAY), None, vec![]));
        assert_eq!(times("-after:1970-01-02"), (None, Some(2 * DAY), vec![]));
        assert_eq!(times("-on:1970-01-02 -on: 1970-01-04"), (None, None, vec![DAY, 3 * DAY]));
        assert_eq!(
            times("after:1970-01-02 after:1970-01-03 before:1970-01-08 before:1970-01-09"),
            (Some(3 * DAY), Some(7 * DAY), vec![])
        );
    }

    #[test]
    fn nonsense_asks_for_nothing() {
        assert!(Terms::parse("- * \"\" ***", 0).is_empty());
        assert_eq!(Terms::parse("before:soon", 0).says, [phrase("before:soon")]);
    }
}

//! The mentions of a text. `tests/texts/README.md` has the rules, `tests/texts/mentions.json` the cases.

use std::collections::BTreeSet;

use super::addresses;

/// The words that mention everybody in a channel. They are usernames that nobody can have.
const EVERYBODY: [&str; 3] = ["all", "channel", "here"];

/// The most places of one text that may mention somebody: the rest is ignored.
const MAX_PLACES: usize = 100;

/// The most names that one text may mean, with the shorter ones: the size of the database query.
const MAX_NAMES: usize = 1000;

/// The most characters of a username.
const LONGEST: usize = 64;

/// The possible mentions of texts, before it is known which names exist.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Mentions {
    /// The possible names, in lower case: of each, the longest beginning that exists is meant.
    places: BTreeSet<String>,
}

/// The mentions of texts, resolved.
#[derive(Debug, PartialEq, Eq)]
pub struct Named<T> {
    /// The people who are mentioned, each once.
    pub people: BTreeSet<T>,
    /// The words for everybody that are used.
    pub everybody: BTreeSet<&'static str>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { people: BTreeSet::new(), everybody: BTreeSet::new() }
    }
}

impl Mentions {
    /// The usernames that may be meant.
    pub fn names(&self) -> BTreeSet<&str> {
        let all = self.places.iter().flat_map(|place| candidates(place));
        all.filter(|name| !EVERYBODY.contains(name)).take(MAX_NAMES).collect()
    }

    /// Resolves the mentions, where `known` finds the person with a name.
    pub fn resolve<T: Ord>(&self, known: impl Fn(&str) -> Option<T>) -> Named<T> {
        let mut named = Named::default();
        for place in &self.places {
            for name in candidates(place) {
                if let Some(everybody) = EVERYBODY.iter().find(|word| **word == name) {
                    named.everybody.insert(everybody);
                    break;
                }
                if let Some(person) = known(name) {
                    named.people.insert(person);
                    break;
                }
            }
        }
        named
    }

    /// Whether a word for everybody may be used.
    pub fn may_mean_all(&self) -> bool {
        let all = self.places.iter().flat_map(|place| candidates(place));
        all.into_iter().any(|name| EVERYBODY.contains(&name))
    }

    /// Adds the mentions in `text`: one run of text, as [`super::spans`] gives it.
    pub(super) fn find(&mut self, text: &str) {
        let mut at = 0;
        let mut word = Word::default();
        while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
            if let Some(address) = addresses::at(text, 0, at).filter(|_| c == ':' || c == 'w' || c == 'W') {
                at = address.end;
                word = Word { last: 'x', alphanumeric: true, named: false };
                continue;
            }
            let behind = at + c.len_utf8();
            if matches!(c, '@' | '＠') && word.may_begin() {
                let run = run(text, behind);
                let address = c == '@' && !run.is_empty() && is_mail(text, behind + run.len());
                if !run.is_empty() && !address {
                    self.add(run);
                    word = Word { last: 'x', alphanumeric: true, named: true };
                    at = behind + run.len();
                    continue;
                }
            }
            word.read(c);
            at = behind;
        }
    }

    fn add(&mut self, run: &str) {
        if self.places.len() < MAX_PLACES && run.starts_with(|c: char| c.is_ascii_alphabetic()) {
            self.places.insert(run.to_ascii_lowercase().chars().take(LONGEST + 1).collect());
        }
    }
}

/// The word before a place in the text.
struct Word {
    last: char,
    /// Whether the word contains letters or digits.
    alphanumeric: bool,
    /// Whether a sign before the word began a name.
    named: bool,
}

impl Default for Word {
    fn default() -> Self {
        Self { last: ' ', alphanumeric: false, named: false }
    }
}

impl Word {
    fn read(&mut self, c: char) {
        let alphanumeric = c.is_ascii_alphanumeric();
        if alphanumeric || "._-:/+=&?#%~".contains(c) {
            self.alphanumeric |= alphanumeric;
        } else {
            *self = Self::default();
        }
        self.last = c;
    }

    fn may_begin(&self) -> bool {
        match self.last {
            '_' | '@' | '＠' => false,
            '/' | '+' | '=' | '&' | '?' | '#' | '%' | '~' => self.named || !self.alphanumeric,
            c => !c.is_ascii_alphanumeric(),
        }
    }
}

/// The characters from `at` on that may be part of a name.
fn run(text: &str, at: usize) -> &str {
    let rest = text.get(at..).unwrap_or_default();
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !".-_".contains(c));
    rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
}

/// Whether `@` and a host with a dot in it follow at `at`, as in an email address.
fn is_mail(text: &str, at: usize) -> bool {
    let Some(host) = text.get(at..).and_then(|rest| rest.strip_prefix('@')) else { return false };
    let host = run(host, 0).trim_end_matches(['.', '-', '_']);
    host.starts_with(|c: char| c.is_ascii_alphanumeric()) && host.contains('.')
}

/// `place`, and its beginnings before each separator, the longest first.
fn candidates(place: &str) -> impl Iterator<Item = &str> {
    let ends = place.char_indices().rev().filter(|(_, c)| ".-_".contains(*c)).map(|(at, _)| at);
    let all = std::iter::once(place.len()).chain(ends).filter(|end| (1..=LONGEST).contains(end));
    all.filter_map(|end| place.get(..end))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::super::read;
    use super::*;

    #[derive(Deserialize)]
    struct Case {
        text: String,
        people: Vec<String>,
        mentioned: Vec<String>,
        #[serde(default)]
        everybody: Vec<String>,
        why: String,
    }

    #[test]
    fn the_table_of_cases_is_kept() {
        let table = include_str!("../../../../tests/texts/mentions.json");
        let cases: Vec<Case> = serde_json::from_str(table).expect("the table");
        assert!(cases.len() > 60);
        let mut wrong = Vec::new();
        for case in cases {
            let mentions = read(&case.text).mentions;
            let asked: BTreeSet<String> = mentions.names().into_iter().map(str::to_owned).collect();
            let known = |name: &str| case.people.iter().find(|p| *p == name && asked.contains(*p)).cloned();
            let found = mentions.resolve(known);
            let people: Vec<String> = found.people.into_iter().collect();
            let everybody: Vec<&str> = found.everybody.into_iter().collect();
            if people != case.mentioned || everybody != case.everybody {
                wrong.push(format!("{}: {:?} gives {people:?} {everybody:?}", case.why, case.text));
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }

    #[test]
    fn names_are_bounded() {
        let many: String = (0..10_000).map(|n| format!("@a{n}.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p ")).collect();
        let mentions = read(&many).mentions;
        assert_eq!(mentions.places.len(), MAX_PLACES);
        assert!(mentions.names().len() <= MAX_NAMES);
        let long = read(&format!("@{}", "a".repeat(5000))).mentions;
        assert!(long.names().is_empty(), "nobody has so long a name");
    }
}

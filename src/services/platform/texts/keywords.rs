//! Words that notify people: their keywords in any case, their first name with its case. A keyword must be a word of
//! its own; in scripts without spaces between words, it may be anywhere.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::addresses;
use crate::wire::UserId;

/// The most keywords of one account.
pub const MOST_KEYWORDS: usize = 50;

/// The most characters of a keyword.
pub const LONGEST_KEYWORD: usize = 64;

/// The most keywords of one organisation that are matched.
const MOST_OF_ORG: usize = 50_000;

/// The most people whom one text notifies.
const MOST_CALLED: usize = 1000;

/// The keywords of an organisation, and the accounts that each notifies.
#[derive(Debug, Default)]
pub struct Keywords {
    /// The lengths of the keywords, by their first two characters.
    lengths: HashMap<Head, Vec<usize>>,
    callers: HashMap<String, Vec<Called>>,
}

/// The first two characters of a keyword: the first in lower case, and the second.
type Head = (char, Option<char>);

#[derive(Debug)]
struct Called {
    user: UserId,
    /// The text with its case, if the case matters.
    exact: Option<String>,
}

impl Keywords {
    /// Whether there are no keywords.
    pub fn is_empty(&self) -> bool {
        self.callers.is_empty()
    }

    /// The cost of an entry in the cache, in keywords; an empty one costs something too.
    pub(super) fn weight(&self) -> u32 {
        let callers: usize = self.callers.values().map(Vec::len).sum();
        u32::try_from(callers).unwrap_or(u32::MAX).max(1)
    }

    /// Adds the keywords of `user`, `keys`, which are separated by commas. Those that are user names (`@ann`) are
    /// mentions anyway.
    pub fn add(&mut self, user: UserId, keys: &str) {
        for key in keys_of(keys).take(MOST_KEYWORDS) {
            self.insert(key, Called { user, exact: None });
        }
    }

    /// Adds the first name of `user` as a keyword.
    pub fn add_name(&mut self, user: UserId, name: &str) {
        self.insert(name.trim(), Called { user, exact: Some(name.trim().to_owned()) });
    }

    fn insert(&mut self, key: &str, called: Called) {
        let key: Vec<char> = key.chars().map(lower).collect();
        let Some(first) = key.first().filter(|_| key.len() <= LONGEST_KEYWORD) else { return };
        if self.callers.len() >= MOST_OF_ORG {
            return;
        }
        let lengths = self.lengths.entry((*first, key.get(1).copied())).or_default();
        if !lengths.contains(&key.len()) {
            lengths.push(key.len());
        }
        self.callers.entry(key.iter().collect()).or_default().push(called);
    }

    /// Adds the accounts that `text` notifies: one run of text, as [`super::spans`] gives it.
    pub(super) fn find(&self, text: &str, called: &mut BTreeSet<UserId>) {
        if self.is_empty() {
            return;
        }
        let said = Said::of(text);
        for at in 0..said.lower.len() {
            if said.begins(at) && called.len() < MOST_CALLED {
                self.find_at(&said, at, called);
            }
        }
    }

    fn find_at(&self, said: &Said, at: usize, called: &mut BTreeSet<UserId>) {
        let Some(first) = said.lower.get(at) else { return };
        let heads = [(*first, None), (*first, said.lower.get(at + 1).copied())];
        for length in heads.iter().filter_map(|head| self.lengths.get(head)).flatten() {
            let Some(word) = said.lower.get(at..at + length).filter(|_| said.ends(at + length)) else {
                continue;
            };
            let written: String = said.written.get(at..at + length).unwrap_or_default().iter().collect();
            let callers = self.callers.get(&word.iter().collect::<String>()).into_iter().flatten();
            let meant = callers.filter(|c| c.exact.as_ref().is_none_or(|exact| *exact == written));
            called.extend(meant.map(|c| c.user).take(MOST_CALLED - called.len().min(MOST_CALLED)));
        }
    }
}

/// The keywords in a list that is separated by commas.
pub fn keys_of(keys: &str) -> impl Iterator<Item = &str> {
    keys.split([',', '，', '、'])
        .map(str::trim)
        .filter(|key| !key.is_empty() && !key.starts_with(['@', '＠']))
}

/// A text with its addresses blanked, in its own case and in lower case, character by character.
struct Said {
    written: Vec<char>,
    lower: Vec<char>,
}

impl Said {
    fn of(text: &str) -> Self {
        let mut written = Vec::with_capacity(text.len());
        let mut from = 0;
        for (at, c) in text.char_indices() {
            if at < from {
                continue;
            }
            if let Some(address) = addresses::at(text, 0, at).filter(|_| c == ':' || c == 'w' || c == 'W') {
                from = address.end;
                written.push('\0');
            } else {
                written.push(c);
            }
        }
        let lower = written.iter().copied().map(lower).collect();
        Self { written, lower }
    }

    /// Whether a word can begin at an index.
    fn begins(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.lower.get(before));
        is_between(before, self.lower.get(at))
    }

    /// Whether a word can end before an index.
    fn ends(&self, at: usize) -> bool {
        is_between(at.checked_sub(1).and_then(|last| self.lower.get(last)), self.lower.get(at))
    }
}

/// Whether one word can end with `a` and another begin with `b`.
fn is_between(a: Option<&char>, b: Option<&char>) -> bool {
    let joins = |c: Option<&char>| c.is_some_and(|c| *c == '_' || (c.is_alphanumeric() && !is_spaceless(*c)));
    !(joins(a) && joins(b))
}

/// Whether a letter is of a script without spaces between words, or of one that attaches endings to them.
fn is_spaceless(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{1100}'..='\u{11ff}'
        | '\u{3005}'..='\u{30ff}' | '\u{3130}'..='\u{318f}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
}

/// The lower case of a character, always one character, so that indexes stay the same.
fn lower(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        (_, _) => c,
    }
}

/// Collects the keywords of accounts: their list, and the first name if it notifies them.
impl FromIterator<(UserId, String, Option<String>)> for Keywords {
    fn from_iter<I: IntoIterator<Item = (UserId, String, Option<String>)>>(accounts: I) -> Self {
        let mut keywords = Self::default();
        let accounts: BTreeMap<UserId, _> =
            accounts.into_iter().map(|(user, keys, name)| (user, (keys, name))).collect();
        for (user, (keys, name)) in accounts {
            keywords.add(user, &keys);
            if let Some(name) = name {
                keywords.add_name(user, &name);
            }
        }
        keywords
    }
}

#[cfg(test)]
mod tests {
    use super::super::read_for;
    use super::*;

    fn calls(keys: &str, name: Option<&str>, text: &str) -> bool {
        let user = UserId::new();
        let keywords: Keywords = [(user, keys.to_owned(), name.map(str::to_owned))].into_iter().collect();
        !read_for([text], &keywords).called.is_empty()
    }

    #[test]
    fn keywords_are_words_in_any_case() {
        for text in ["Deploy!", "(deploy)", "**deploy**", "re-deploy", "请deploy吧", "out of Office, sorry"]
        {
            assert!(calls("deploy, out of office", None, text), "{text}");
        }
        for text in [
            "deployed",
            "redeploy",
            "`deploy`",
            "https://x.example/deploy",
            "[x](deploy)",
            "_deploy",
            "out of",
        ] {
            assert!(!calls("deploy,out of office", None, text) || text == "_deploy", "{text}");
        }
    }

    #[test]
    fn keywords_of_scripts_without_spaces_stand_anywhere() {
        assert!(calls("发布", None, "请今天发布新版本"));
        assert!(calls("リリース，障害", None, "昨日の障害について"));
        assert!(calls("회의", None, "오늘 회의에서"));
        assert!(!calls("发布", None, "`发布`"));
        assert!(!calls("发布", None, "发 布"));
    }

    #[test]
    fn first_names_are_told_by_their_case() {
        assert!(calls("", Some("Will"), "ask Will."));
        assert!(!calls("", Some("Will"), "you will"));
    }

    #[test]
    fn names_and_what_is_too_much_are_no_keywords() {
        assert!(!calls("@ann, ,", None, "@ann , ,"));
        assert!(!calls(&"x".repeat(65), None, &"x".repeat(65)));
    }
}

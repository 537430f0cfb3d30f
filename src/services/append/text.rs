//! What the text of a message says to the server: whom it mentions, which hashtags it bears. Code is quoted, not said.

use std::collections::BTreeSet;

/// Whom a text mentions.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mentions {
    /// Names that may be accounts, lower case. `@bob.` may mean `bob.` or `bob`.
    pub(super) names: BTreeSet<String>,
    /// Whether everybody is meant.
    pub(super) all: bool,
}

/// Names that mean everybody of the channel.
const EVERYBODY: [&str; 3] = ["channel", "all", "here"];

/// Names that one text can mention: the rest is noise.
const MAX_NAMES: usize = 100;

/// The mentions of `text`.
pub(super) fn mentions(text: &str) -> Mentions {
    let mut found = Mentions::default();
    for word in marked(text, '@', |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')) {
        let word = word.to_ascii_lowercase();
        let bare = word.trim_end_matches(['.', '-', '_']);
        if EVERYBODY.contains(&bare) {
            found.all = true;
        } else if !bare.is_empty() && found.names.len() < MAX_NAMES {
            found.names.insert(bare.to_owned());
            found.names.insert(word);
        }
    }
    found
}

/// The hashtags of `text` with spaces between, at most 1,000 characters of them. They have a letter first and at least
/// two more characters.
pub(crate) fn hashtags(text: &str) -> String {
    let mut tags = String::new();
    for word in marked(text, '#', |c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_')) {
        let word = word.trim_end_matches(['.', '-', '_']);
        let long_enough = word.chars().count() >= 3 && word.starts_with(char::is_alphabetic);
        let known = tags.split(' ').any(|t| t.strip_prefix('#') == Some(word));
        if long_enough && !known && tags.chars().count() + word.chars().count() < 999 {
            if !tags.is_empty() {
                tags.push(' ');
            }
            tags.push('#');
            tags.push_str(word);
        }
    }
    tags
}

/// Words that follow `mark` at the beginning of a word, outside of code.
fn marked(text: &str, mark: char, inside: impl Fn(char) -> bool) -> Vec<String> {
    if !text.contains(mark) {
        return Vec::new();
    }
    let said = without_code(text);
    let mut words = Vec::new();
    let mut before = ' ';
    let mut rest = said.chars().peekable();
    while let Some(c) = rest.next() {
        if c == mark && !before.is_alphanumeric() && before != mark && before != '/' {
            let mut word = String::new();
            while let Some(next) = rest.next_if(|c| inside(*c)) {
                word.push(next);
            }
            before = word.chars().last().unwrap_or(c);
            if !word.is_empty() {
                words.push(word);
            }
        } else {
            before = c;
        }
    }
    words
}

/// The text without what stands between backticks.
fn without_code(text: &str) -> String {
    let fenced: String = text.split("```").step_by(2).collect::<Vec<_>>().join(" ");
    let parts: Vec<&str> = fenced.split('`').collect();
    // An odd number of backticks leaves the last one open: it quotes nothing.
    let open = parts.len().is_multiple_of(2);
    let last = parts.len().saturating_sub(1);
    let said = parts.iter().enumerate().filter(|(i, _)| i % 2 == 0 || (open && *i == last));
    said.map(|(_, part)| *part).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        mentions(text).names.into_iter().collect()
    }

    #[test]
    fn names_are_found_where_they_are_said() {
        assert_eq!(names("hi @Bob, and (@ann-lee)!"), ["ann-lee", "bob"]);
        assert_eq!(names("ask @bob."), ["bob", "bob."]);
        assert_eq!(names("mail bob@example.com, see http://x/@bob"), Vec::<String>::new());
        assert_eq!(names("`@bob` and ```\n@ann\n``` but @cid"), ["cid"]);
        assert_eq!(names("a ` lone @bob"), ["bob"]);
        assert!(names("@ @@ @- .").is_empty());
    }

    #[test]
    fn everybody_has_three_names() {
        for text in ["@channel lunch", "hey @all!", "@HERE"] {
            assert_eq!(mentions(text), Mentions { names: BTreeSet::new(), all: true });
        }
        assert!(!mentions("the channel @channels").all);
    }

    #[test]
    fn hashtags_are_words_of_three_that_begin_with_a_letter() {
        assert_eq!(hashtags("#one #two, #one #a #1st #ünïcode. x#no"), "#one #two #ünïcode");
        assert_eq!(hashtags("# heading and `#code`"), "");
        assert!(hashtags(&"#abcdefgh ".repeat(200)).len() < 1000);
        assert!(hashtags(&(0..500).map(|i| format!("#tag{i} ")).collect::<String>()).chars().count() <= 1000);
    }
}

//! The hashtags of a text: each has a letter first and at least two more characters.

use std::collections::BTreeSet;

use super::addresses;

/// The most characters of all hashtags of a message, with the spaces between them.
const MOST: usize = 1000;

/// Hashtags, each once, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Hashtags {
    known: BTreeSet<String>,
    joined: String,
    length: usize,
}

impl Hashtags {
    /// All of them, separated by spaces.
    pub(super) fn joined(self) -> String {
        self.joined
    }

    /// Adds the hashtags of `text`: one run of text, as [`super::spans`] gives it.
    pub(super) fn find(&mut self, text: &str) {
        let mut at = 0;
        let mut before = ' ';
        while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
            if let Some(address) = addresses::at(text, 0, at).filter(|_| c == ':' || c == 'w' || c == 'W') {
                (at, before) = (address.end, 'x');
                continue;
            }
            at += c.len_utf8();
            if c == '#' && !before.is_alphanumeric() && !"#/&_".contains(before) {
                let rest = text.get(at..).unwrap_or_default();
                let end = rest.find(|c: char| !c.is_alphanumeric() && !".-_".contains(c));
                let word = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
                self.add(word.trim_end_matches(['.', '-', '_']));
                at += word.len();
                before = word.chars().next_back().unwrap_or(c);
            } else {
                before = c;
            }
        }
    }

    fn add(&mut self, word: &str) {
        let length = word.chars().take(MOST).count();
        let begins = word.starts_with(char::is_alphabetic);
        if length < 3 || !begins || self.length + length + 2 > MOST || self.known.contains(word) {
            return;
        }
        if !self.joined.is_empty() {
            self.joined.push(' ');
            self.length += 1;
        }
        self.joined.push('#');
        self.joined.push_str(word);
        self.length += length + 1;
        self.known.insert(word.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;

    fn hashtags(text: &str) -> String {
        read(text).hashtags
    }

    #[test]
    fn hashtags_are_words_of_three_that_begin_with_a_letter() {
        assert_eq!(hashtags("#one #two, #one #a #1st #ünïcode. x#no"), "#one #two #ünïcode");
        assert_eq!(hashtags("# heading and `#code`\n\n    #code\n\n~~~\n#code\n~~~"), "");
        assert_eq!(hashtags("https://a.example/#part [#link](https://a.example#part) \\#no"), "#link");
        assert!(hashtags(&"#abcdefgh ".repeat(200)).len() < 1000);
        assert!(hashtags(&(0..500).map(|i| format!("#tag{i} ")).collect::<String>()).chars().count() <= 1000);
    }
}

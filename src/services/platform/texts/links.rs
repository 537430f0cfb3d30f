//! The links of a message that get previews: not those in code, and as readers see them.

use super::addresses;
use super::spans::{Piece, pieces};

/// The most pictures of one message that get previews.
const MOST_PICTURES: usize = 5;

/// The longest address that gets a preview, in bytes.
const LONGEST: usize = 2048;

/// The links of one message that get previews.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Links {
    /// The first link, which gets a preview.
    pub first: Option<String>,
    /// Links that are shown as pictures: `![…](…)`.
    pub pictures: Vec<String>,
}

impl Links {
    fn link(&mut self, address: &str) {
        if self.first.is_none() && is_of_the_web(address) {
            self.first = Some(address.to_owned());
        }
    }

    fn picture(&mut self, address: &str) {
        let more = self.pictures.len() < MOST_PICTURES && !self.pictures.iter().any(|p| p == address);
        if more && is_of_the_web(address) {
            self.pictures.push(address.to_owned());
        }
    }

    fn find(&mut self, text: &str) {
        let mut from = 0;
        let mut open = 0;
        for (at, c) in text.char_indices() {
            if c == '[' {
                open = at;
            }
            if c != ':' || at < from {
                continue;
            }
            let Some(found) = addresses::at(text, from, at) else { continue };
            let address = text.get(found.begin..found.end).unwrap_or_default();
            // A picture with a size is not part of the parser's Markdown.
            let before = text.get(open..found.begin).unwrap_or_default();
            let sized = before.ends_with("](") && text.get(..open).is_some_and(|b| b.ends_with('!'));
            if sized {
                self.picture(address)
            } else {
                self.link(address)
            }
            from = found.end;
            if self.is_full() {
                return;
            }
        }
    }

    fn is_full(&self) -> bool {
        self.first.is_some() && self.pictures.len() == MOST_PICTURES
    }
}

/// Finds the links of a message.
pub fn links(text: &str) -> Links {
    let mut found = Links::default();
    if !text.contains("://") {
        return found;
    }
    for piece in pieces(text) {
        match piece {
            Piece::Link(to) => found.link(&to),
            Piece::Picture(from) => found.picture(&from),
            Piece::Text { text, linked: false } => found.find(&text),
            Piece::Text { .. } => {}
        }
        if found.is_full() {
            break;
        }
    }
    found
}

fn is_of_the_web(address: &str) -> bool {
    let begins = |scheme: &str| {
        let behind = address.get(..scheme.len()).filter(|a| a.eq_ignore_ascii_case(scheme));
        behind.is_some() && address.len() > scheme.len()
    };
    address.len() <= LONGEST && (begins("http://") || begins("https://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<String> {
        links(text).first
    }

    #[test]
    fn the_first_link_is_found_as_it_is_read() {
        for (text, link) in [
            ("see https://a.example/b?c=d#e.", "https://a.example/b?c=d#e"),
            ("(http://a.example)", "http://a.example"),
            ("[words](https://a.example/x_(y)) more", "https://a.example/x_(y)"),
            ("<https://a.example>", "https://a.example"),
            ("**https://a.example/**", "https://a.example/"),
            ("![x](https://p.example/1.png) https://a.example", "https://a.example"),
            ("`https://no.example` https://a.example, https://b.example", "https://a.example"),
            ("    https://no.example\n\n> https://a.example/甲，乙", "https://a.example/甲"),
            ("höre: https://ä.example/ö", "https://ä.example/ö"),
            ("https://a.example/x_(y)_(z).", "https://a.example/x_(y)_(z)"),
            ("[https://a.example](https://b.example)", "https://b.example"),
            ("http://[2001:db8::1]/x", "http://[2001:db8::1]/x"),
        ] {
            assert_eq!(first(text).as_deref(), Some(link), "{text}");
        }
    }

    #[test]
    fn what_is_no_link_is_none() {
        let long = format!("https://a.example/{}", "x".repeat(3000));
        for text in [
            "nothing",
            "ftp://a.example",
            "javascript://a",
            "xhttp://a.example",
            "```\nhttps://a.example\n```",
            "~~~\nhttps://a.example",
            "https://",
            &long,
        ] {
            assert_eq!(first(text), None, "{text}");
        }
    }

    #[test]
    fn pictures_are_found_apart_and_counted() {
        let text = (0..9).map(|n| format!("![p](http://p.example/{n}.png)\n")).collect::<String>();
        let found = links(&text);
        assert_eq!((found.first, found.pictures.len()), (None, MOST_PICTURES));
        assert_eq!(found.pictures.first().map(String::as_str), Some("http://p.example/0.png"));
        let sized = links("![a](https://p.example/1.png =100x50) https://a.example");
        assert_eq!((sized.first.as_deref(), sized.pictures.len()), (Some("https://a.example"), 1));
    }
}

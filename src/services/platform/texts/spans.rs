//! Splits a message into text and links, by CommonMark with GitHub's tables and strikethrough: code is left out, the
//! address of a link is not text, HTML is text like any other. The parser does not recurse, and a text that is nested
//! deeper than anybody writes is not parsed at all, since each empty line costs time in proportion to the depth.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};

/// The most nested quotations and lists on one line; a text with more is ignored.
const MAX_DEPTH: usize = 100;

/// The replacement of an escaped sign, so that nothing begins there.
pub(super) const ESCAPED: char = '\0';

/// The signs that begin a mention, a hashtag or a channel link.
const SIGNS: [char; 4] = ['@', '＠', '#', '~'];

/// A part of a message; parts are in the order of the message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text on one line, outside of code.
    Text {
        /// The characters, escapes undone; escaped signs are [`ESCAPED`].
        text: String,
        /// Whether it is the text of a link.
        linked: bool,
    },
    /// The address of a link, before its text.
    Link(String),
    /// The address of a picture.
    Picture(String),
}

/// The parts of `source`.
pub(super) fn pieces(source: &str) -> Vec<Piece> {
    if source.lines().any(|line| depth(line) > MAX_DEPTH) {
        return Vec::new();
    }
    let mut reader = Reader::of(source);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    for (event, range) in Parser::new_ext(source, options).into_offset_iter() {
        reader.take(event, range);
    }
    reader.end_run();
    reader.pieces
}

/// The number of quotations and lists that may begin at the beginning of a line.
fn depth(line: &str) -> usize {
    let marks = line.bytes().take_while(|b| b" \t>-*+.)".contains(b) || b.is_ascii_digit());
    marks.filter(|b| b">-*+.)".contains(b)).count()
}

/// Collects the pieces.
struct Reader<'a> {
    source: &'a str,
    pieces: Vec<Piece>,
    run: String,
    /// The end of the current run in the source.
    end: usize,
    code: usize,
    pictures: usize,
    /// The depth of links in angle brackets, whose text is their address.
    addresses: usize,
    links: usize,
}

impl<'a> Reader<'a> {
    fn of(source: &'a str) -> Self {
        Self {
            source,
            pieces: Vec::new(),
            run: String::new(),
            end: 0,
            code: 0,
            pictures: 0,
            addresses: 0,
            links: 0,
        }
    }

    fn take(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.say(&text, range),
            Event::Start(tag) => {
                self.end_run();
                self.open(&tag);
            }
            Event::End(tag) => {
                self.end_run();
                self.close(tag);
            }
            Event::Code(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::SoftBreak
            | Event::HardBreak
            | Event::Rule
            | Event::TaskListMarker(_) => self.end_run(),
        }
    }

    fn open(&mut self, tag: &Tag<'_>) {
        if matches!(tag, Tag::CodeBlock(_)) {
            self.code += 1;
        } else if let Tag::Image { dest_url, .. } = tag {
            self.pictures += 1;
            self.pieces.push(Piece::Picture(dest_url.to_string()));
        } else if let Tag::Link { link_type, dest_url, .. } = tag {
            let is_address = matches!(link_type, LinkType::Autolink | LinkType::Email);
            if is_address {
                self.addresses += 1
            } else {
                self.links += 1
            }
            self.pieces.push(Piece::Link(dest_url.to_string()));
        }
    }

    fn close(&mut self, tag: TagEnd) {
        if tag == TagEnd::CodeBlock {
            self.code = self.code.saturating_sub(1);
        } else if tag == TagEnd::Image {
            self.pictures = self.pictures.saturating_sub(1);
        } else if tag == TagEnd::Link {
            // Links cannot be nested.
            (self.links, self.addresses) = (0, 0);
        }
    }

    /// Appends text to the current run if it follows it in the source; else begins a new run.
    fn say(&mut self, text: &CowStr<'_>, range: Range<usize>) {
        if self.code + self.pictures + self.addresses > 0 {
            return;
        }
        let between = self.source.get(self.end..range.start);
        if between != Some("\\") && between != Some("") {
            self.end_run();
        }
        let escaped = range.start > 0
            && self.source.as_bytes().get(range.start - 1) == Some(&b'\\')
            && (between == Some("\\") || self.run.is_empty());
        let entity = self.source.get(range.clone()) != Some(text.as_ref());
        let mut characters = text.chars();
        if escaped || entity {
            self.run.extend(characters.next().map(|c| if SIGNS.contains(&c) { ESCAPED } else { c }));
        }
        self.run.extend(characters);
        self.end = range.end;
    }

    fn end_run(&mut self) {
        if !self.run.is_empty() {
            let text = std::mem::take(&mut self.run);
            self.pieces.push(Piece::Text { text, linked: self.links > 0 });
        }
        self.end = usize::MAX;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        let text = |piece| match piece {
            Piece::Text { text, .. } => Some(text),
            Piece::Link(_) | Piece::Picture(_) => None,
        };
        pieces(source).into_iter().filter_map(text).collect()
    }

    #[test]
    fn text_is_what_is_said() {
        assert_eq!(texts("a `b` c\n\n    d\n\ne\nf"), ["a ", " c", "e", "f"]);
        assert_eq!(texts("[a](b) ![c](d) <https://e.example> f"), ["a", " ", " ", " f"]);
        assert_eq!(texts("a_b \\@c \\_d &#64;e <b>f</b>"), ["a_b \0c _d \0e <b>f</b>"]);
    }

    #[test]
    fn what_is_too_deep_says_nothing() {
        assert_eq!(texts(&format!("{}a", "> ".repeat(50))), ["a"]);
        assert_eq!(texts(&format!("{}a", "> ".repeat(3000))), Vec::<String>::new());
    }
}

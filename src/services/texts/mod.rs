//! What the text of a message says to the server: whom it names and calls, which hashtags it bears, which links. One
//! reading of Markdown for all of them; the web client's agrees, by the tables of cases in `tests/texts`. Everything
//! here is linear in the text, and what it finds is bounded.

mod addresses;
#[cfg(test)]
pub(crate) mod growth;
mod hashtags;
mod keywords;
mod links;
mod names;
mod spans;
mod titles;
mod vocabulary;

use std::collections::BTreeSet;

use hashtags::Hashtags;
use spans::Piece;

pub use keywords::{Keywords, LONGEST_KEYWORD, MOST_KEYWORDS, keys_of};
pub use links::{Links, links};
pub use names::{Mentions, Named};
pub use titles::is_title;
pub use vocabulary::Vocabulary;

use crate::wire::UserId;

/// What texts say.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Whom they name.
    pub mentions: Mentions,
    /// Their hashtags with spaces between.
    pub hashtags: String,
    /// Who is called by a keyword.
    pub called: BTreeSet<UserId>,
}

/// Reads one text, without anybody's keywords.
pub fn read(text: &str) -> Reading {
    read_for([text], &Keywords::default())
}

/// The hashtags of a text with spaces between, at most 1,000 characters of them.
pub fn hashtags(text: &str) -> String {
    read(text).hashtags
}

/// Reads the texts of one message: what it says, and what hangs on it.
pub fn read_for<'a>(texts: impl IntoIterator<Item = &'a str>, keywords: &Keywords) -> Reading {
    let mut reading = Reading::default();
    let mut hashtags = Hashtags::default();
    // Most messages name nobody, and are not parsed.
    for text in texts.into_iter().filter(|text| !keywords.is_empty() || text.contains(['@', '＠', '#'])) {
        for piece in spans::pieces(text) {
            if let Piece::Text { text, .. } = piece {
                reading.mentions.find(&text);
                hashtags.find(&text);
                keywords.find(&text, &mut reading.called);
            }
        }
    }
    reading.hashtags = hashtags.joined();
    reading
}

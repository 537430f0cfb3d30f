//! The parts of a message's text that the server needs: mentions, keywords, hashtags, links. One reading of Markdown
//! for all of them; the web client's agrees, by the tables of cases in `tests/texts`. Everything here is linear in the
//! text, and its results are bounded.

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

/// The result of reading texts.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The mentions.
    pub mentions: Mentions,
    /// The hashtags, separated by spaces.
    pub hashtags: String,
    /// The accounts that are notified by a keyword.
    pub called: BTreeSet<UserId>,
}

/// Reads one text, without keywords.
pub fn read(text: &str) -> Reading {
    read_for([text], &Keywords::default())
}

/// The hashtags of a text, separated by spaces, at most 1,000 characters of them.
pub fn hashtags(text: &str) -> String {
    read(text).hashtags
}

/// Reads the texts of one message: its own, and those of its attachments.
pub fn read_for<'a>(texts: impl IntoIterator<Item = &'a str>, keywords: &Keywords) -> Reading {
    let mut reading = Reading::default();
    let mut hashtags = Hashtags::default();
    // Most messages mention nobody, and are not parsed.
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

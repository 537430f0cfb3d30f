//! The custom emoji of posts, in their texts and in their reactions, so that clients need not ask for them.

use std::collections::{BTreeMap, BTreeSet};

use super::{LONGEST, is_everywhere, shape};
use crate::db::{self, Conn};
use crate::error::Result;
use crate::wire::{Emoji, Post};

/// Names that are looked up for one list of posts at most.
const MOST: usize = 500;

/// Adds to posts of one organisation the custom emoji that they show; takes one query, and none if they name no emoji.
pub async fn fill(conn: &mut Conn, posts: &mut [Post]) -> Result<()> {
    let Some(channel) = posts.first().map(|post| post.channel_id) else { return Ok(()) };
    let all: BTreeSet<&str> = posts.iter().flat_map(shown).collect();
    let names: Vec<&str> = all.into_iter().take(MOST).collect();
    if names.is_empty() {
        return Ok(());
    }
    let rows = db::emoji::of_channel(conn, channel, &names).await?;
    let known: BTreeMap<String, Emoji> = rows.into_iter().map(|row| (row.name.clone(), shape(row))).collect();
    for post in posts {
        let names: BTreeSet<&str> = shown(post).into_iter().collect();
        post.metadata.emojis = names.into_iter().filter_map(|name| known.get(name).cloned()).collect();
    }
    Ok(())
}

/// The names in a post that may be custom emoji.
fn shown(post: &Post) -> Vec<&str> {
    let reacted = post.metadata.reactions.iter().map(|reaction| reaction.emoji_name.as_str());
    let mut names = written(&post.message);
    names.extend(reacted.filter(|name| !is_everywhere(name)));
    names
}

/// The names between colons in a text.
fn written(text: &str) -> Vec<&str> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"+-_".contains(&b);
    let is_name =
        |part: &&str| (1..=LONGEST).contains(&part.len()) && part.bytes().all(fits) && !is_everywhere(part);
    let mut parts: Vec<&str> = text.split(':').skip(1).collect();
    // The last part has no colon after it.
    parts.pop();
    parts.into_iter().filter(is_name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_take_time_in_proportion_to_their_length() {
        crate::services::platform::texts::growth::assert_linear_for_all(|text| drop(written(text)));
    }

    #[test]
    fn names_stand_between_colons() {
        assert_eq!(written("hi :ferris: and :a+b::c: :smile: 10:30: x"), ["ferris", "a+b", "c", "30"]);
        assert_eq!(written("no :open one, :two words: http://x"), Vec::<&str>::new());
    }
}

//! Reactions: the emoji of accounts on posts.

use std::collections::BTreeMap;

use crate::db::{self};
use crate::error::{Error, Kind, Result};
use crate::services::auth::Caller;
use crate::services::auth::permissions::Permission;
use crate::services::posts::{self, Core, emoji};
use crate::wire::{Event, PostId, Reaction, UserId};

/// The most different emoji on a post.
const MAX_DIFFERENT: usize = 50;

/// The most reactions of one answer.
const MAX_LIST: i64 = 10_000;

/// The most posts of one request.
const MAX_POSTS: usize = 200;

/// Adds a reaction to a post. Adding it again is no error: it gets the new time and is announced again. It is stored
/// under the emoji's usual name, so that aliases of one emoji are counted together.
pub async fn add(core: &Core, caller: &Caller, user: UserId, post: PostId, emoji: &str) -> Result<Reaction> {
    if user != caller.id {
        return Err(Error::new(
            Kind::Forbidden,
            "api.reaction.save_reaction.user_id.app_error",
            "You cannot save reaction for the other user.",
        ));
    }
    check_emoji(emoji)?;
    let mut tx = core.begin().await?;
    let (row, access) = posts::lock(&mut tx, caller, post).await?;
    access.require(Permission::AddReaction)?;
    emoji::check_known(&mut tx, caller.org, emoji).await?;
    let emoji = emoji::names(emoji).first().copied().unwrap_or(emoji);
    if access.channel().is_archived() {
        return Err(Error::forbidden());
    }
    let known = db::reactions::emoji_of(&mut tx, post).await?;
    if known.len() >= MAX_DIFFERENT && !known.iter().any(|k| k == emoji) {
        return Err(Error::invalid(
            "app.reaction.save.save.too_many_reactions",
            "Reaction limit has been reached for this post.",
        ));
    }
    let reaction = posts::reaction(db::reactions::upsert(&mut tx, post, user, emoji).await?, row.channel_id);
    db::posts::set_has_reactions(&mut tx, post, true).await?;
    tx.emit(Event::ReactionAdded { channel_id: row.channel_id, reaction: reaction.clone() });
    tx.commit().await?;
    Ok(reaction)
}

/// Removes a reaction, under any name of its emoji. No error if there is none.
pub async fn remove(core: &Core, caller: &Caller, user: UserId, post: PostId, emoji: &str) -> Result<()> {
    check_emoji(emoji)?;
    let mut tx = core.begin().await?;
    let (row, access) = posts::lock(&mut tx, caller, post).await?;
    let needed =
        if user == caller.id { Permission::RemoveReaction } else { Permission::RemoveOthersReactions };
    access.require(needed)?;
    if access.channel().is_archived() {
        return Err(Error::forbidden());
    }
    let removed = db::reactions::delete(&mut tx, post, user, &emoji::names(emoji)).await?;
    if removed.is_empty() {
        return Ok(());
    }
    let left = !db::reactions::emoji_of(&mut tx, post).await?.is_empty();
    db::posts::set_has_reactions(&mut tx, post, left).await?;
    for removed in removed {
        let reaction = posts::reaction(removed, row.channel_id);
        tx.emit(Event::ReactionRemoved { channel_id: row.channel_id, reaction });
    }
    tx.commit().await
}

/// The reactions to a post.
pub async fn of_post(core: &Core, caller: &Caller, post: PostId) -> Result<Vec<Reaction>> {
    let mut conn = core.read().await?;
    let (row, _) = posts::visible(&mut conn, caller, post).await?;
    let rows = db::reactions::of_posts(&mut conn, &[post], MAX_LIST).await?;
    Ok(rows.into_iter().map(|r| posts::reaction(r, row.channel_id)).collect())
}

/// The reactions to each of `ids` that the caller may see.
pub async fn of_posts(
    core: &Core,
    caller: &Caller,
    ids: &[PostId],
) -> Result<BTreeMap<String, Vec<Reaction>>> {
    if ids.len() > MAX_POSTS {
        return Err(Error::body("post_ids"));
    }
    let mut conn = core.read().await?;
    let places = posts::places(&mut conn, caller, ids).await?;
    let mut found: BTreeMap<String, Vec<Reaction>> =
        places.keys().map(|id| (id.to_string(), Vec::new())).collect();
    let seen: Vec<PostId> = places.keys().copied().collect();
    for row in db::reactions::of_posts(&mut conn, &seen, posts::MAX_REACTIONS).await? {
        if let (Some(channel), Some(of_post)) =
            (places.get(&row.post_id), found.get_mut(&row.post_id.to_string()))
        {
            of_post.push(posts::reaction(row, *channel));
        }
    }
    Ok(found)
}

/// Refuses names with other characters than letters, digits, `-`, `_` and `+`, or more than 64 of them.
fn check_emoji(name: &str) -> Result<()> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'+');
    if !name.is_empty() && name.len() <= 64 && name.bytes().all(fits) {
        return Ok(());
    }
    Err(Error::invalid("model.reaction.is_valid.emoji_name.app_error", "Invalid emoji name."))
}

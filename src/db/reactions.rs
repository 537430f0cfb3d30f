//! Emoji on posts.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::functions::now_ms;
use super::{Conn, Query, schema::reactions};
use crate::wire::{Millis, PostId, UserId};

/// A reaction's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = reactions)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Reaction {
    pub post_id: PostId,
    pub user_id: UserId,
    pub emoji_name: String,
    pub create_at: Millis,
    pub update_at: Millis,
}

/// Adds a reaction; one that exists gets the new time.
pub async fn upsert(conn: &mut Conn, post: PostId, user: UserId, emoji: &str) -> Query<Reaction> {
    diesel::insert_into(reactions::table)
        .values((reactions::post_id.eq(post), reactions::user_id.eq(user), reactions::emoji_name.eq(emoji)))
        .on_conflict((reactions::post_id, reactions::user_id, reactions::emoji_name))
        .do_update()
        .set(reactions::update_at.eq(now_ms()))
        .returning(Reaction::as_returning())
        .get_result(conn)
        .await
}

/// Removes an account's reactions to a post that have one of `names`; answers them.
pub async fn delete(conn: &mut Conn, post: PostId, user: UserId, names: &[&str]) -> Query<Vec<Reaction>> {
    let theirs = reactions::post_id.eq(post).and(reactions::user_id.eq(user));
    diesel::delete(reactions::table.filter(theirs.and(reactions::emoji_name.eq_any(names))))
        .returning(Reaction::as_returning())
        .get_results(conn)
        .await
}

/// Reactions to `posts`, oldest first, at most `limit`.
pub async fn of_posts(conn: &mut Conn, posts: &[PostId], limit: i64) -> Query<Vec<Reaction>> {
    reactions::table
        .filter(reactions::post_id.eq_any(posts))
        .order((reactions::create_at, reactions::user_id, reactions::emoji_name))
        .limit(limit)
        .select(Reaction::as_select())
        .load(conn)
        .await
}

/// The names of the emoji on a post.
pub async fn emoji_of(conn: &mut Conn, post: PostId) -> Query<Vec<String>> {
    reactions::table
        .filter(reactions::post_id.eq(post))
        .select(reactions::emoji_name)
        .distinct()
        .load(conn)
        .await
}

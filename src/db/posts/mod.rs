//! Posts: their rows, and how one is found. The queries of the writer, for many posts at once, are in `batch`, pages of
//! posts in `list`, edits and deletions in `change`, and unread counts in `rest`.

mod batch;
mod list;
mod page;
mod post_edits;
mod rest;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::{Conn, Query, schema::posts};
use crate::wire::{ChannelId, FileId, Millis, OrgId, PostId, UserId};

pub use batch::{Author, PENDING_KEY, authors, followers, insert, pending, replied, set_files};
pub use list::{
    Changed, Walk, Which, beyond, changed_since, count_pinned, first_after, flagged, neighbour, of_org,
    pinned, replies, replies_before, roots,
};
pub(in crate::db) use page::within;
pub use page::{BYTES, Page};
pub use post_edits::{
    Change, Gone, change, delete, erase, erase_deleted, outdated, set_has_reactions, unreplied,
};
pub use rest::{Rest, pass, rest};

/// A post's row.
#[derive(Debug, Clone, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = posts)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Post {
    pub id: PostId,
    pub channel_id: ChannelId,
    pub seq: i64,
    pub user_id: UserId,
    pub root_id: Option<PostId>,
    pub kind: String,
    pub message: String,
    pub props: Value,
    pub hashtags: String,
    pub pending_post_id: String,
    pub mentions_all: bool,
    pub mentions: Vec<UserId>,
    pub is_pinned: bool,
    pub has_reactions: bool,
    pub reply_count: i64,
    pub last_reply_at: Millis,
    pub create_at: Millis,
    pub update_at: Millis,
    pub edit_at: Millis,
    pub delete_at: Millis,
    pub file_ids: Vec<FileId>,
}

/// The post `id` of `org`, deleted or not.
pub async fn find(conn: &mut Conn, org: OrgId, id: PostId) -> Query<Option<Post>> {
    posts::table.find(id).filter(posts::org_id.eq(org)).select(Post::as_select()).first(conn).await.optional()
}

/// The posts of `ids` that are not deleted.
pub async fn by_ids(mut conn: &Conn, ids: &[PostId]) -> Query<Vec<Post>> {
    posts::table
        .filter(posts::id.eq_any(ids).and(posts::delete_at.eq(0)))
        .select(Post::as_select())
        .load(&mut conn)
        .await
}

/// The channels of those of `ids` that belong to `org` and are not deleted.
pub async fn places(conn: &mut Conn, org: OrgId, ids: &[PostId]) -> Query<Vec<(PostId, ChannelId)>> {
    posts::table
        .filter(posts::id.eq_any(ids).and(posts::delete_at.eq(0)).and(posts::org_id.eq(org)))
        .select((posts::id, posts::channel_id))
        .load(conn)
        .await
}

/// The reply counts of those of `ids` that are not deleted.
pub async fn reply_counts(conn: &mut Conn, ids: &[PostId]) -> Query<Vec<(PostId, i64)>> {
    posts::table
        .filter(posts::id.eq_any(ids).and(posts::delete_at.eq(0)))
        .select((posts::id, posts::reply_count))
        .load(conn)
        .await
}

/// The post `id` of `org`, deleted or not, locked until the transaction ends.
pub async fn lock(conn: &mut Conn, org: OrgId, id: PostId) -> Query<Option<Post>> {
    let post = posts::table.find(id).filter(posts::org_id.eq(org)).select(Post::as_select());
    post.for_no_key_update().first(conn).await.optional()
}

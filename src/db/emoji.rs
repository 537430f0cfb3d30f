//! Custom emoji. Their pictures are kept in the storage.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, Query, contains,
    schema::{channels, emoji},
    starts_with,
};
use crate::wire::{ChannelId, EmojiId, Millis, OrgId, UserId};

/// An emoji's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = emoji)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Emoji {
    pub id: EmojiId,
    pub org_id: OrgId,
    pub creator_id: Option<UserId>,
    pub name: String,
    pub mime: String,
    pub create_at: Millis,
    pub update_at: Millis,
}

/// An emoji to insert.
#[derive(Debug, Insertable)]
#[diesel(table_name = emoji)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct NewEmoji<'a> {
    pub id: EmojiId,
    pub org_id: OrgId,
    pub creator_id: UserId,
    pub name: &'a str,
    pub mime: &'a str,
}

/// The order of a list.
#[derive(Debug, Clone, Copy)]
pub enum Order {
    /// Oldest first.
    Age,
    /// By name.
    Name,
}

/// The part of a name that a search term must match.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    /// The beginning of the name.
    Beginning,
    /// Any part of the name.
    Any,
}

/// Inserts an emoji.
pub async fn insert(conn: &mut Conn, new: &NewEmoji<'_>) -> Query<Emoji> {
    diesel::insert_into(emoji::table).values(new).returning(Emoji::as_returning()).get_result(conn).await
}

/// The emoji `id` of `org`.
pub async fn find(conn: &mut Conn, org: OrgId, id: EmojiId) -> Query<Option<Emoji>> {
    emoji::table
        .filter(emoji::org_id.eq(org).and(emoji::id.eq(id)))
        .select(Emoji::as_select())
        .first(conn)
        .await
        .optional()
}

/// The emoji of `org` that have one of `names`.
pub async fn by_names(conn: &mut Conn, org: OrgId, names: &[String]) -> Query<Vec<Emoji>> {
    emoji::table
        .filter(emoji::org_id.eq(org).and(emoji::name.eq_any(names)))
        .order(emoji::name)
        .select(Emoji::as_select())
        .load(conn)
        .await
}

/// The emoji of the organisation of `channel` that have one of `names`.
pub async fn of_channel(conn: &mut Conn, channel: ChannelId, names: &[&str]) -> Query<Vec<Emoji>> {
    emoji::table
        .inner_join(channels::table.on(channels::org_id.eq(emoji::org_id)))
        .filter(channels::id.eq(channel).and(emoji::name.eq_any(names)))
        .select(Emoji::as_select())
        .load(conn)
        .await
}

/// A page of the emoji of `org`.
pub async fn list(conn: &mut Conn, org: OrgId, order: Order, offset: i64, limit: i64) -> Query<Vec<Emoji>> {
    let page = emoji::table.filter(emoji::org_id.eq(org)).offset(offset).limit(limit);
    let page = page.select(Emoji::as_select());
    match order {
        Order::Age => page.order(emoji::id).load(conn).await,
        Order::Name => page.order(emoji::name).load(conn).await,
    }
}

/// The emoji of `org` whose names match `term`, by name, at most `limit`.
pub async fn search(conn: &mut Conn, org: OrgId, term: &str, part: Part, limit: i64) -> Query<Vec<Emoji>> {
    let pattern = match part {
        Part::Beginning => starts_with(term),
        Part::Any => contains(term),
    };
    emoji::table
        .filter(emoji::org_id.eq(org).and(emoji::name.like(pattern)))
        .order(emoji::name)
        .limit(limit)
        .select(Emoji::as_select())
        .load(conn)
        .await
}

/// Removes an emoji; answers whether it was there.
pub async fn delete(conn: &mut Conn, org: OrgId, id: EmojiId) -> Query<bool> {
    let found = emoji::table.filter(emoji::org_id.eq(org).and(emoji::id.eq(id)));
    Ok(diesel::delete(found).execute(conn).await? == 1)
}

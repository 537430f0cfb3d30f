//! Bots, which are accounts with a description.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::functions::now_ms;
use super::users::User;
use super::{Conn, Query, schema::users};
use crate::wire::{OrgId, PageRange, UserId};

/// The columns that a change of a bot replaces; `None` leaves a column as it is.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = users)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct BotChanges {
    pub username: Option<String>,
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub bot_description: Option<Option<String>>,
    pub bot_owner_id: Option<Option<UserId>>,
}

impl BotChanges {
    /// The change that gives a bot another owner.
    pub fn owned_by(owner: UserId) -> Self {
        Self { bot_owner_id: Some(Some(owner)), ..Self::default() }
    }

    /// The change that makes a bot a person's account.
    pub fn person() -> Self {
        Self { bot_description: Some(None), bot_owner_id: Some(None), ..Self::default() }
    }
}

/// The conditions that a list's bots fulfil.
#[derive(Debug, Clone, Copy, Default)]
pub struct BotFilter {
    /// Bots of this owner only.
    pub owner: Option<UserId>,
    /// Whether bots that are switched off are listed too.
    pub include_deleted: bool,
    /// Whether only bots are listed whose owner is switched off or gone.
    pub only_orphaned: bool,
}

/// Replaces columns of an account.
pub async fn update(conn: &mut Conn, id: UserId, changes: &BotChanges) -> Query<User> {
    diesel::update(users::table.find(id))
        .set((changes, users::update_at.eq(now_ms())))
        .returning(User::as_returning())
        .get_result(conn)
        .await
}

/// A page of the bots of `org`, by name.
pub async fn list(
    conn: &mut Conn,
    org: OrgId,
    filter: BotFilter,
    PageRange { offset, limit }: PageRange,
) -> Query<Vec<User>> {
    let owners = diesel::alias!(users as owners);
    let mut query = users::table
        .filter(users::org_id.eq(org).and(users::bot_description.is_not_null()))
        .select(User::as_select())
        .into_boxed();
    if let Some(owner) = filter.owner {
        query = query.filter(users::bot_owner_id.eq(owner));
    }
    if !filter.include_deleted {
        query = query.filter(users::delete_at.eq(0));
    }
    if filter.only_orphaned {
        let is_owner = owners.field(users::id).nullable().eq(users::bot_owner_id);
        let active = owners.filter(is_owner.and(owners.field(users::delete_at).eq(0)));
        query = query.filter(not(exists(active)));
    }
    query.order(users::username).offset(offset).limit(limit).load(conn).await
}

/// The active bots of an owner.
pub async fn owned(conn: &mut Conn, owner: UserId) -> Query<Vec<UserId>> {
    users::table
        .filter(users::bot_owner_id.eq(owner).and(users::delete_at.eq(0)))
        .order(users::id)
        .select(users::id)
        .load(conn)
        .await
}

/// All bots of an owner, those that are switched off included.
pub async fn of_owner(conn: &mut Conn, owner: UserId) -> Query<Vec<User>> {
    users::table
        .filter(users::bot_owner_id.eq(owner))
        .order(users::id)
        .select(User::as_select())
        .load(conn)
        .await
}

/// The accounts of `org` that own bots with more roles than the default.
pub async fn owners_of_more(conn: &mut Conn, org: OrgId) -> Query<Vec<User>> {
    let bots = diesel::alias!(users as bots);
    let more = bots
        .filter(bots.field(users::org_id).eq(org))
        .filter(bots.field(users::bot_owner_id).is_not_null().and(bots.field(users::roles).ne("system_user")))
        .select(bots.field(users::bot_owner_id).assume_not_null());
    users::table.filter(users::id.eq_any(more)).order(users::id).select(User::as_select()).load(conn).await
}

/// Makes `heir` the owner of all bots of `owner`.
pub async fn hand_over(conn: &mut Conn, owner: UserId, heir: UserId) -> Query<usize> {
    diesel::update(users::table.filter(users::bot_owner_id.eq(owner)))
        .set((users::bot_owner_id.eq(heir), users::update_at.eq(now_ms())))
        .execute(conn)
        .await
}

//! Accounts. Lists of them by place and by name are in `list`, their ways to log in in `credentials`, the queries of
//! who may see whom in `sight`.

mod credentials;
mod keywords;
mod list;
pub mod login;
mod picture;
mod sight;

use diesel::dsl::{exists, select};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Jsonb, Text};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::fragment::fragment;
use super::functions::now_ms;
use super::{Conn, Query, schema::users};
use crate::wire::{Millis, OrgId, UserId};

pub use credentials::{set_foreign, set_mfa_active, set_must_prove, set_own, set_password, set_verified};
pub use keywords::keywords;
pub use list::{Sort, UserFilter, list};
pub use picture::{lock_picture, set_picture};
pub use sight::{in_group_channels, is_in_team, known, seen, sees};

/// An account's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = users)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct User {
    pub id: UserId,
    pub org_id: OrgId,
    pub username: String,
    pub email: String,
    pub password_hash: String,
    pub nickname: String,
    pub first_name: String,
    pub last_name: String,
    pub position: String,
    pub roles: String,
    pub locale: String,
    pub props: Value,
    pub notify_props: Value,
    pub timezone: Value,
    pub create_at: Millis,
    pub update_at: Millis,
    pub delete_at: Millis,
    pub last_password_update: Millis,
    pub email_verified: bool,
    /// A bot's description; `None` for people.
    pub bot_description: Option<String>,
    pub bot_owner_id: Option<UserId>,
    pub picture_id: Option<Uuid>,
    pub picture_at: Millis,
    pub mfa_active: bool,
    pub auth_service: String,
    pub auth_data: String,
    pub must_prove_email: bool,
}

impl User {
    /// Whether the account is a bot.
    pub fn is_bot(&self) -> bool {
        self.bot_description.is_some()
    }

    /// The stored password hash; `None` if the account has no password.
    pub fn password(&self) -> Option<String> {
        (!self.password_hash.is_empty()).then(|| self.password_hash.clone())
    }
}

/// An account to insert.
#[derive(Debug, Insertable)]
#[diesel(table_name = users)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct NewUser {
    pub id: UserId,
    pub org_id: OrgId,
    pub username: String,
    pub email: String,
    pub password_hash: String,
    pub nickname: String,
    pub first_name: String,
    pub last_name: String,
    pub position: String,
    pub locale: String,
    pub props: Value,
    pub notify_props: Value,
    pub timezone: Value,
    pub must_prove_email: bool,
}

/// The columns that a change of an account replaces; `None` leaves a column as it is.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = users)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct UserChanges {
    pub username: Option<String>,
    pub email: Option<String>,
    pub email_verified: Option<bool>,
    pub nickname: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub position: Option<String>,
    pub locale: Option<String>,
    pub props: Option<Value>,
    pub notify_props: Option<Value>,
    pub timezone: Option<Value>,
}

/// The account `id` of `org`.
#[diesel::dsl::auto_type]
fn one(org: OrgId, id: UserId) -> _ {
    users::table.filter(users::org_id.eq(org).and(users::id.eq(id)))
}

/// The account `id` of `org`.
pub async fn find(conn: &mut Conn, org: OrgId, id: UserId) -> Query<Option<User>> {
    one(org, id).select(User::as_select()).first(conn).await.optional()
}

/// The account `id` of `org`, with a shared lock: its roles stay as they are until the transaction ends.
pub async fn hold_roles(conn: &mut Conn, org: OrgId, id: UserId) -> Query<Option<User>> {
    one(org, id).select(User::as_select()).for_share().first(conn).await.optional()
}

/// The account `id` of `org`, locked until the transaction ends.
pub async fn lock(conn: &mut Conn, org: OrgId, id: UserId) -> Query<Option<User>> {
    one(org, id).select(User::as_select()).for_no_key_update().first(conn).await.optional()
}

/// The names of accounts.
pub async fn names(conn: &mut Conn, ids: &[UserId]) -> Query<Vec<(UserId, String)>> {
    users::table.filter(users::id.eq_any(ids)).select((users::id, users::username)).load(conn).await
}

/// Inserts an account.
pub async fn insert(conn: &mut Conn, new: &NewUser) -> Query<User> {
    diesel::insert_into(users::table).values(new).returning(User::as_returning()).get_result(conn).await
}

/// Whether `org` has any account.
pub async fn any(conn: &mut Conn, org: OrgId) -> Query<bool> {
    select(exists(users::table.filter(users::org_id.eq(org)))).get_result(conn).await
}

/// The account of `org` with the user name `username`.
pub async fn by_username(conn: &mut Conn, org: OrgId, username: &str) -> Query<Option<User>> {
    users::table
        .filter(users::org_id.eq(org).and(users::username.eq(username)))
        .select(User::as_select())
        .first(conn)
        .await
        .optional()
}

/// The account of `org` with the email address `email`.
pub async fn by_email(conn: &mut Conn, org: OrgId, email: &str) -> Query<Option<User>> {
    users::table
        .filter(users::org_id.eq(org).and(users::email.eq(email)))
        .select(User::as_select())
        .first(conn)
        .await
        .optional()
}

/// The account of `org` that logs in at `service` as `subject`.
pub async fn by_auth_data(conn: &mut Conn, org: OrgId, service: &str, subject: &str) -> Query<Option<User>> {
    users::table
        .filter(users::org_id.eq(org))
        .filter(users::auth_service.eq(service).and(users::auth_data.eq(subject)))
        .select(User::as_select())
        .first(conn)
        .await
        .optional()
}

/// Those of `ids` that are accounts of `org`.
pub async fn by_ids(conn: &mut Conn, org: OrgId, ids: &[UserId]) -> Query<Vec<User>> {
    users::table
        .filter(users::org_id.eq(org).and(users::id.eq_any(ids)))
        .order(users::username)
        .select(User::as_select())
        .load(conn)
        .await
}

/// The accounts of `org` that have one of `names` as user name.
pub async fn by_usernames(conn: &mut Conn, org: OrgId, names: &[String]) -> Query<Vec<User>> {
    users::table
        .filter(users::org_id.eq(org).and(users::username.eq_any(names)))
        .order(users::username)
        .select(User::as_select())
        .load(conn)
        .await
}

/// Locks an account that is active and whose password and second factor are still those of `known`: they do not change
/// before the transaction ends. False if something changed already.
pub async fn hold(conn: &mut Conn, known: &User) -> Query<bool> {
    let held: Option<UserId> = users::table
        .filter(users::id.eq(known.id).and(users::delete_at.eq(0)))
        .filter(users::password_hash.eq(&known.password_hash))
        .filter(users::mfa_active.eq(known.mfa_active).and(users::auth_data.eq(&known.auth_data)))
        .select(users::id)
        .for_share()
        .first(conn)
        .await
        .optional()?;
    Ok(held.is_some())
}

/// Replaces columns of the account `id` of `org`.
pub async fn update(conn: &mut Conn, org: OrgId, id: UserId, changes: &UserChanges) -> Query<Option<User>> {
    diesel::update(one(org, id))
        .set((changes, users::update_at.eq(now_ms())))
        .returning(User::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// Sets one free-form property.
pub async fn set_prop(
    conn: &mut Conn,
    org: OrgId,
    id: UserId,
    key: &str,
    value: &str,
) -> Query<Option<User>> {
    let props = fragment::<Jsonb>("props || jsonb_build_object(")
        .bind::<Text, _>(key)
        .sql(", ")
        .bind::<Text, _>(value)
        .sql(")");
    diesel::update(one(org, id))
        .set((users::props.eq(props), users::update_at.eq(now_ms())))
        .returning(User::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// Locks accounts whose custom status has expired, at most `limit`.
pub async fn lock_custom_over(conn: &mut Conn, limit: i64) -> Query<Vec<(UserId, OrgId)>> {
    let is_over = fragment::<Bool>(
        "props ->> 'customStatus' <> '' and custom_status_end(props) > 0 and custom_status_end(props) <= now_ms()",
    );
    let over = users::table.filter(is_over).limit(limit).for_no_key_update().skip_locked();
    over.select((users::id, users::org_id)).load(conn).await
}

/// Replaces the roles.
pub async fn set_roles(conn: &mut Conn, org: OrgId, id: UserId, roles: &str) -> Query<Option<User>> {
    diesel::update(one(org, id))
        .set((users::roles.eq(roles), users::update_at.eq(now_ms())))
        .returning(User::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// Switches an account on or off. `None` if that is its state already.
pub async fn set_active(conn: &mut Conn, org: OrgId, id: UserId, active: bool) -> Query<Option<User>> {
    let now = fragment::<BigInt>("case when ").bind::<Bool, _>(active).sql(" then 0 else now_ms() end");
    diesel::update(one(org, id))
        .filter(fragment::<Bool>("(delete_at = 0) <> ").bind::<Bool, _>(active))
        .set((users::delete_at.eq(now), users::update_at.eq(now_ms())))
        .returning(User::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// The people who are active administrators of `org`, locked until the transaction ends.
pub async fn lock_admins(conn: &mut Conn, org: OrgId) -> Query<Vec<UserId>> {
    users::table
        .filter(users::org_id.eq(org).and(users::delete_at.eq(0)).and(users::bot_description.is_null()))
        .filter(fragment::<Bool>("'system_admin' = any (string_to_array(roles, ' '))"))
        .order(users::id)
        .select(users::id)
        .for_no_key_update()
        .load(conn)
        .await
}

/// The active administrators of `org`, by name, at most 200.
pub async fn admins(conn: &mut Conn, org: OrgId) -> Query<Vec<User>> {
    users::table
        .filter(users::org_id.eq(org).and(users::delete_at.eq(0)))
        .filter(fragment::<Bool>("'system_admin' = any (string_to_array(roles, ' '))"))
        .order(users::username)
        .limit(200)
        .select(User::as_select())
        .load(conn)
        .await
}

/// A page of the accounts of `org`, inactive ones included, by name.
pub async fn page_of_org(conn: &mut Conn, org: OrgId, offset: i64, limit: i64) -> Query<Vec<User>> {
    users::table
        .filter(users::org_id.eq(org))
        .order(users::username)
        .offset(offset)
        .limit(limit)
        .select(User::as_select())
        .load(conn)
        .await
}

/// Counts the active accounts of people of `org`.
pub async fn count(conn: &mut Conn, org: OrgId) -> Query<i64> {
    let people = users::table.filter(users::org_id.eq(org).and(users::bot_description.is_null()));
    people.filter(users::delete_at.eq(0)).count().get_result(conn).await
}

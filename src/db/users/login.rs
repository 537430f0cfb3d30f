//! The columns that a login needs before the password is known. No more of the row than that: reading the rest takes
//! time, which would reveal that an account exists.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::db::{Conn, Query, schema::users};
use crate::wire::{OrgId, UserId};

/// An account, and its stored password hash: empty where it has none.
pub type StoredHash = (UserId, String);

/// The account of `org` with the user name or email address `name`. Bots log in with tokens and are not found here.
pub async fn kept(conn: &mut Conn, org: OrgId, name: &str) -> Query<Option<StoredHash>> {
    let people = users::table.filter(users::org_id.eq(org).and(users::bot_description.is_null()));
    let kept = (users::id, users::password_hash);
    // No user name contains an at sign.
    if name.contains('@') {
        people.filter(users::email.eq(name)).select(kept).first(conn).await.optional()
    } else {
        people.filter(users::username.eq(name)).select(kept).first(conn).await.optional()
    }
}

/// As [`kept`], for the account `id`.
pub async fn kept_by_id(conn: &mut Conn, org: OrgId, id: UserId) -> Query<Option<StoredHash>> {
    let people = users::table.filter(users::org_id.eq(org).and(users::bot_description.is_null()));
    people.filter(users::id.eq(id)).select((users::id, users::password_hash)).first(conn).await.optional()
}

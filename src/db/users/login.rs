//! What a login asks for before it knows the password. No more of the row than that: reading the rest takes time, which
//! would tell that a name is somebody's.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::db::{Conn, Query, schema::users};
use crate::wire::{OrgId, UserId};

/// Whose password is to be looked at, and what is kept of it: nothing where they have none.
pub type StoredHash = (UserId, String);

/// The account of `org` that logs in as `name`, a user name or an address. Bots have tokens, and are nobody here.
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

/// The same of the account `id`.
pub async fn kept_by_id(conn: &mut Conn, org: OrgId, id: UserId) -> Query<Option<StoredHash>> {
    let people = users::table.filter(users::org_id.eq(org).and(users::bot_description.is_null()));
    people.filter(users::id.eq(id)).select((users::id, users::password_hash)).first(conn).await.optional()
}

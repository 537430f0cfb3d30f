//! The storage identifiers of profile pictures.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{User, one};
use crate::db::fragment::fragment;
use crate::db::functions::now_ms;
use crate::db::{Conn, Query, schema::users};
use crate::wire::{OrgId, UserId};

/// Locks an account, and answers the identifier of its picture. `None` if there is no such account.
pub async fn lock_picture(conn: &mut Conn, org: OrgId, id: UserId) -> Query<Option<Option<Uuid>>> {
    one(org, id).select(users::picture_id).for_no_key_update().first(conn).await.optional()
}

/// Sets the identifier of an account's picture. The time of a removal is stored as a negative number: clients that show
/// something else in its place must see that there is none.
pub async fn set_picture(conn: &mut Conn, org: OrgId, id: UserId, picture: Option<Uuid>) -> Query<User> {
    let sign: i64 = if picture.is_some() { 1 } else { -1 };
    let at = fragment::<BigInt>("now_ms() * ").bind::<BigInt, _>(sign);
    diesel::update(one(org, id))
        .set((users::picture_id.eq(picture), users::picture_at.eq(at), users::update_at.eq(now_ms())))
        .returning(User::as_returning())
        .get_result(conn)
        .await
}

//! Who looks after the deployment.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, Query, schema::operators};
use crate::wire::UserId;

/// Makes `user` an operator. False if they are it already.
pub async fn insert(conn: &mut Conn, user: UserId) -> Query<bool> {
    let rows = diesel::insert_into(operators::table)
        .values(operators::user_id.eq(user))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(rows == 1)
}

//! The encrypted secrets of second factors.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, Query, schema::second_factors};
use crate::wire::UserId;

/// A second factor's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = second_factors)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct SecondFactor {
    pub secret: Option<Vec<u8>>,
    pub pending: Option<Vec<u8>>,
}

/// The row of an account, locked until the transaction ends: codes are used one after another.
pub async fn lock(conn: &mut Conn, user: UserId) -> Query<Option<SecondFactor>> {
    second_factors::table
        .find(user)
        .select(SecondFactor::as_select())
        .for_update()
        .first(conn)
        .await
        .optional()
}

/// Stores a secret that is still to be proven with a code.
pub async fn set_pending(conn: &mut Conn, user: UserId, sealed: &[u8]) -> Query<usize> {
    diesel::insert_into(second_factors::table)
        .values((second_factors::user_id.eq(user), second_factors::pending.eq(sealed)))
        .on_conflict(second_factors::user_id)
        .do_update()
        .set(second_factors::pending.eq(sealed))
        .execute(conn)
        .await
}

/// Activates the pending secret, which was proven by the code of the time step `step`.
pub async fn activate(conn: &mut Conn, user: UserId, step: i64) -> Query<usize> {
    diesel::update(second_factors::table.find(user))
        .set((
            second_factors::secret.eq(second_factors::pending),
            second_factors::pending.eq(None::<Vec<u8>>),
            second_factors::last_step.eq(step),
        ))
        .execute(conn)
        .await
}

/// Uses up the code of the time step `step`. False if it, or a later one, was used already.
pub async fn use_step(conn: &mut Conn, user: UserId, step: i64) -> Query<bool> {
    let unused = second_factors::table.find(user).filter(second_factors::last_step.lt(step));
    let rows = diesel::update(unused).set(second_factors::last_step.eq(step)).execute(conn).await?;
    Ok(rows == 1)
}

/// Removes the second factor of an account.
pub async fn delete(conn: &mut Conn, user: UserId) -> Query<usize> {
    diesel::delete(second_factors::table.find(user)).execute(conn).await
}

//! Questions about the database itself: whether it answers, and what its clock says.

use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::functions::now_ms;
use super::{Conn, Query};
use crate::wire::Millis;

/// Whether the database answers.
pub async fn ping(conn: &mut Conn) -> Query<()> {
    conn.batch_execute("select 1").await
}

/// The time of the database's clock, in milliseconds since 1970.
pub async fn now(conn: &mut Conn) -> Query<Millis> {
    diesel::select(now_ms()).get_result(conn).await
}

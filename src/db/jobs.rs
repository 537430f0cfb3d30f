//! Questions about the database itself.

use diesel_async::SimpleAsyncConnection;

use super::functions::now_ms;
use super::{Conn, Query};

/// Whether it answers.
pub async fn ping(conn: &mut Conn) -> Query<()> {
    conn.batch_execute("select 1").await
}

/// The database's clock.
pub async fn now(conn: &mut Conn) -> Query<crate::wire::Millis> {
    use diesel_async::RunQueryDsl;
    diesel::select(now_ms()).get_result(conn).await
}

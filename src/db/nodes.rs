//! The processes of this deployment, each of which reports from time to time that it is alive.

use diesel::prelude::*;
use diesel::sql_types::{Double, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::statement::prepared;
use super::{Conn, Query, schema::nodes};
use crate::wire::NodeId;

/// Seconds without a report after which a node counts as dead.
pub const DEAD_AFTER: f64 = 25.0;

/// Reports that `id` is alive, and removes nodes that have been dead for a while.
pub async fn beat(conn: &mut Conn, id: NodeId) -> Query<usize> {
    prepared(
        "with gone as (delete from nodes where seen_at < now() - make_interval(secs => 2 * $2) and id <> $1)
         insert into nodes (id) values ($1) on conflict (id) do update set seen_at = now()",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Double, _>(DEAD_AFTER)
    .execute(conn)
    .await
}

/// The nodes that are alive.
pub async fn alive(conn: &mut Conn) -> Query<Vec<NodeId>> {
    #[derive(QueryableByName)]
    struct Node {
        #[diesel(sql_type = SqlUuid)]
        id: NodeId,
    }
    let rows: Vec<Node> =
        prepared("select id from nodes where seen_at >= now() - make_interval(secs => $1) limit 1000")
            .bind::<Double, _>(DEAD_AFTER)
            .load(conn)
            .await?;
    Ok(rows.into_iter().map(|node| node.id).collect())
}

/// Removes `id`, which shuts down.
pub async fn leave(conn: &mut Conn, id: NodeId) -> Query<usize> {
    diesel::delete(nodes::table.find(id)).execute(conn).await
}

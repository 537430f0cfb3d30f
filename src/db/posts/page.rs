//! Pages that are bounded in bytes too: the beginning of a list of posts, up to a sum of bytes. The database adds the
//! sizes up and sends no more; it knows them without reading large values.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query as Statement, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Integer, Nullable};
use diesel_async::RunQueryDsl;
use diesel_async::methods::LoadQuery;

use super::Post;
use crate::db::{Conn, Query};

/// The bound on the bytes of the posts of a page, as they are stored: their texts and properties. The post with which
/// it is reached is the last one.
pub const BYTES: i64 = 4 << 20;

/// The beginning of a list of posts.
#[derive(Debug, Default)]
pub struct Page {
    /// The posts, in the order of the list.
    pub rows: Vec<Post>,
    /// The sum of their bytes.
    pub bytes: i64,
    /// Whether the bound was reached: the rest of the list was left out.
    pub is_cut: bool,
}

/// As many of the posts of a query, in its order, as fit into `bytes`; at least one, if there is any.
pub(in crate::db) async fn within<'q, Q>(conn: &mut Conn, query: Q, bytes: i64) -> Query<Page>
where
    Within<Q>: LoadQuery<'q, Conn, (Post, i32, Option<i64>)> + 'q,
{
    let rows: Vec<(Post, i32, Option<i64>)> = Within { query, bytes }.load(conn).await?;
    let sum = rows.last().and_then(|(_, _, sum)| *sum).unwrap_or(0);
    let rows = rows.into_iter().map(|(post, _, _)| post).collect();
    Ok(Page { rows, bytes: sum, is_cut: sum >= bytes })
}

/// A query of posts of which only the beginning is read.
#[derive(Debug, QueryId)]
pub(in crate::db) struct Within<Q> {
    query: Q,
    bytes: i64,
}

impl<Q: Statement> Statement for Within<Q> {
    type SqlType = (Q::SqlType, Integer, Nullable<BigInt>);
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Within<Q> {
    /// The window has no order of its own: PostgreSQL gives it the rows in the order of the query that it reads.
    /// Properties are stored as they are (see the migration); those from before may be compressed, and are unpacked to
    /// learn their size.
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "select * from (
               select s.*, sum(s.size) over (rows unbounded preceding) as sum from (
                 select p.*, octet_length(p.message) + case when pg_column_compression(p.props) is null
                   then pg_column_size(p.props) else octet_length(p.props::text) end as size from (",
        );
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(") p) s) w where w.sum - w.size < ");
        out.push_bind_param::<BigInt, _>(&self.bytes)
    }
}

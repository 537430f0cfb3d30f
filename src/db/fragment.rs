//! Pieces of statements whose text is prepared: SQL of our own inside of the query builder's. A statement with diesel's
//! `sql` in it is parsed and planned anew each time, at the price of one more round trip, because its text might be
//! different each time; here the type guarantees that it is not.

use std::marker::PhantomData;

use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping, is_aggregate,
};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::HasSqlType;

use super::statement::{Typed, Value};

/// A fragment of a statement, of the SQL type `ST`. Values and more text may follow.
pub(super) fn fragment<'a, ST>(text: &'static str) -> SqlFragment<'a, ST> {
    SqlFragment { parts: vec![Part::Text(text)], kind: PhantomData }
}

/// A fragment of a statement.
pub struct SqlFragment<'a, ST> {
    parts: Vec<Part<'a>>,
    kind: PhantomData<ST>,
}

enum Part<'a> {
    Text(&'static str),
    Value(Box<dyn Value + Send + Sync + 'a>),
}

impl<'a, ST> SqlFragment<'a, ST> {
    /// Appends a value, as the SQL type `VT`.
    pub(super) fn bind<VT, V>(mut self, value: V) -> Self
    where
        Pg: HasSqlType<VT>,
        V: ToSql<VT, Pg> + Send + Sync + 'a,
        VT: Send + Sync + 'static,
    {
        self.parts.push(Part::Value(Box::new(Typed::<VT, V>::new(value))));
        self
    }

    /// Appends text.
    pub(super) fn sql(mut self, text: &'static str) -> Self {
        self.parts.push(Part::Text(text));
        self
    }
}

impl<ST> QueryFragment<Pg> for SqlFragment<'_, ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_sql(text),
                Part::Value(value) => value.push(out.reborrow())?,
            }
        }
        Ok(())
    }
}

/// Fragments are distinguished by their text.
impl<ST> QueryId for SqlFragment<'_, ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST: TypedExpressionType> Expression for SqlFragment<'_, ST> {
    type SqlType = ST;
}

impl<QS, ST> SelectableExpression<QS> for SqlFragment<'_, ST> where Self: Expression {}

impl<QS, ST> AppearsOnTable<QS> for SqlFragment<'_, ST> where Self: Expression {}

impl<GB, ST> ValidGrouping<GB> for SqlFragment<'_, ST> {
    type IsAggregate = is_aggregate::Never;
}

#[cfg(test)]
mod tests {
    use diesel::debug_query;
    use diesel::prelude::*;
    use diesel::query_builder::QueryFragment;
    use diesel::sql_types::{BigInt, Bool, Text};

    use super::*;
    use crate::db::schema::users;

    #[test]
    fn pieces_stand_where_expressions_stand_and_leave_a_statement_fixed() {
        let query = users::table
            .filter(
                users::delete_at
                    .eq(0)
                    .and(fragment::<Bool>("username <> ").bind::<Text, _>("x").sql(" or true")),
            )
            .select(fragment::<BigInt>("now_ms()"));
        let shown = debug_query::<Pg, _>(&query).to_string();
        let expected =
            r#"SELECT now_ms() FROM "users" WHERE (("users"."delete_at" = $1) AND username <> $2 or true)"#;
        assert!(shown.starts_with(expected), "{shown}");
        assert!(QueryFragment::<Pg>::is_safe_to_cache_prepared(&query, &Pg).expect("it can be asked"));
    }
}

//! Statements whose text is prepared: SQL of our own that is prepared and planned once for each connection, as the
//! query builder's statements are. diesel's `sql_query` has it parsed and planned anew each time, because its text
//! might be different each time; here the type guarantees that it is not.

use std::marker::PhantomData;

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::{Error as DieselError, QueryResult};
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Untyped};

/// The statement `sql`, in which `$1`, `$2` … stand for values, in any order and any number of times.
pub(super) fn prepared<'a>(sql: &'static str) -> PreparedStatement<'a> {
    PreparedStatement { sql, values: Vec::new() }
}

/// A statement and its values.
pub(super) struct PreparedStatement<'a> {
    sql: &'static str,
    values: Vec<Box<dyn Value + Send + Sync + 'a>>,
}

impl<'a> PreparedStatement<'a> {
    /// Appends the next value, as the SQL type `ST`.
    pub(super) fn bind<ST, V>(mut self, value: V) -> Self
    where
        Pg: HasSqlType<ST>,
        V: ToSql<ST, Pg> + Send + Sync + 'a,
        ST: Send + Sync + 'static,
    {
        self.values.push(Box::new(Typed::<ST, V>::new(value)));
        self
    }
}

/// A value that can be bound to a statement.
pub(super) trait Value {
    fn push<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()>;
}

pub(super) struct Typed<ST, V> {
    value: V,
    kind: PhantomData<ST>,
}

impl<ST, V> Typed<ST, V> {
    pub(super) fn new(value: V) -> Self {
        Self { value, kind: PhantomData }
    }
}

impl<ST, V> Value for Typed<ST, V>
where
    Pg: HasSqlType<ST>,
    V: ToSql<ST, Pg>,
{
    fn push<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param::<ST, V>(&self.value)
    }
}

impl QueryFragment<Pg> for PreparedStatement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // Values are numbered in the order in which they are pushed; these are the numbers that each got.
        let mut numbers: Vec<usize> = Vec::new();
        for (i, part) in self.sql.split('$').enumerate() {
            if i == 0 {
                out.push_sql(part);
                continue;
            }
            let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            let (number, rest) = part.split_at(end);
            let number = number.parse::<usize>().unwrap_or(0);
            if let Some(earlier) = numbers.iter().position(|n| *n == number) {
                out.push_sql(&format!("${}", earlier + 1));
            } else {
                let value = number.checked_sub(1).and_then(|n| self.values.get(n));
                let missing = || DieselError::QueryBuilderError(format!("no value for ${number}").into());
                value.ok_or_else(missing)?.push(out.reborrow())?;
                numbers.push(number);
            }
            out.push_sql(rest);
        }
        Ok(())
    }
}

/// Statements are distinguished by their text.
impl QueryId for PreparedStatement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for PreparedStatement<'_> {
    type SqlType = Untyped;
}

#[cfg(test)]
mod tests {
    use diesel::debug_query;
    use diesel::sql_types::{BigInt, Text};

    use super::*;

    #[test]
    fn values_may_be_used_in_any_order_and_again() {
        let statement = prepared("select $2, $1, $2").bind::<BigInt, _>(1_i64).bind::<Text, _>("b");
        let shown = debug_query::<Pg, _>(&statement).to_string();
        assert_eq!(shown, r#"select $1, $2, $1 -- binds: ["b", 1]"#);
    }
}

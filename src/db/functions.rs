//! Functions of the database that the query builder knows.

diesel::define_sql_function! {
    /// The database's clock in milliseconds since 1970 (made by the first migration).
    fn now_ms() -> BigInt;
}

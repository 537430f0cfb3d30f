//! Functions of the database that the query builder knows.

diesel::define_sql_function! {
    /// The database's clock in milliseconds since 1970 (made by the first migration).
    fn now_ms() -> BigInt;
}

diesel::define_sql_function! {
    /// Whether the account `viewer` may see an account: itself, and everybody who shares a channel with it; every
    /// account if there is no viewer.
    fn sees(viewer: diesel::sql_types::Nullable<diesel::sql_types::Uuid>, who: diesel::sql_types::Uuid) -> diesel::sql_types::Bool;
}

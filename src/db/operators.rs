//! Operators: the accounts that look after the whole deployment.

use diesel::dsl::{exists, select};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::users::User;
use super::{
    Conn, Query,
    schema::{operators, users},
};
use crate::wire::UserId;

/// Makes `user` an operator. False if they already are one.
pub async fn insert(conn: &mut Conn, user: UserId) -> Query<bool> {
    let rows = diesel::insert_into(operators::table)
        .values(operators::user_id.eq(user))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(rows == 1)
}

/// Whether `user` is an operator.
pub async fn contains(conn: &mut Conn, user: UserId) -> Query<bool> {
    select(exists(operators::table.find(user))).get_result(conn).await
}

/// Removes `user` from the operators.
pub async fn delete(conn: &mut Conn, user: UserId) -> Query<usize> {
    diesel::delete(operators::table.find(user)).execute(conn).await
}

/// Removes the bots of `owner` from the operators; answers the bots.
pub async fn delete_owned(conn: &mut Conn, owner: UserId) -> Query<Vec<UserId>> {
    let owned = users::table.filter(users::bot_owner_id.eq(owner)).select(users::id);
    diesel::delete(operators::table.filter(operators::user_id.eq_any(owned)))
        .returning(operators::user_id)
        .get_results(conn)
        .await
}

/// The operators, locked until the transaction ends.
pub async fn lock(conn: &mut Conn) -> Query<Vec<UserId>> {
    operators::table.order(operators::user_id).select(operators::user_id).for_update().load(conn).await
}

/// Whether one of `ids` is a person whose account is active.
pub async fn any_lives(conn: &mut Conn, ids: &[UserId]) -> Query<bool> {
    let living = users::table
        .filter(users::id.eq_any(ids).and(users::delete_at.eq(0)).and(users::bot_description.is_null()));
    select(exists(living)).get_result(conn).await
}

/// The operators' accounts, by name. They are few.
pub async fn list(conn: &mut Conn) -> Query<Vec<User>> {
    let them = operators::table.select(operators::user_id);
    users::table
        .filter(users::id.eq_any(them))
        .order(users::username)
        .limit(200)
        .select(User::as_select())
        .load(conn)
        .await
}

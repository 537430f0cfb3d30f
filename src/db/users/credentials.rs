//! The ways in which an account logs in: password, address, external service, second factor.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;

use super::{User, one};
use crate::db::fragment::fragment;
use crate::db::functions::now_ms;
use crate::db::{Conn, Query, schema::users};
use crate::wire::{OrgId, UserId};

/// Replaces the password. With `known`, only if that is still the stored hash.
pub async fn set_password(
    conn: &mut Conn,
    org: OrgId,
    id: UserId,
    known: Option<&str>,
    hash: &str,
) -> Query<bool> {
    let rows = diesel::update(one(org, id))
        .filter(
            fragment::<Bool>("coalesce(password_hash = ")
                .bind::<diesel::sql_types::Nullable<Text>, _>(known)
                .sql(", true)"),
        )
        .set((
            users::password_hash.eq(hash),
            users::last_password_update.eq(now_ms()),
            users::update_at.eq(now_ms()),
        ))
        .execute(conn)
        .await?;
    Ok(rows == 1)
}

/// Sets the account's address, which is proven to be its owner's.
pub async fn set_verified(conn: &mut Conn, org: OrgId, id: UserId, email: &str) -> Query<Option<User>> {
    diesel::update(one(org, id))
        .set((
            users::email.eq(email),
            users::email_verified.eq(true),
            users::must_prove_email.eq(false),
            users::update_at.eq(now_ms()),
        ))
        .returning(User::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// Requires a new account to prove its address before it logs in.
pub async fn set_must_prove(conn: &mut Conn, id: UserId) -> Query<User> {
    diesel::update(users::table.find(id))
        .set(users::must_prove_email.eq(true))
        .returning(User::as_returning())
        .get_result(conn)
        .await
}

/// Switches the account from its password to the login at `service` as `subject` only.
pub async fn set_foreign(
    conn: &mut Conn,
    org: OrgId,
    id: UserId,
    service: &str,
    subject: &str,
) -> Query<Option<User>> {
    diesel::update(one(org, id))
        .filter(users::auth_service.eq(""))
        .set((
            users::auth_service.eq(service),
            users::auth_data.eq(subject),
            users::password_hash.eq(""),
            users::mfa_active.eq(false),
            users::update_at.eq(now_ms()),
        ))
        .returning(User::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// Switches the account from its external service to the login with a password only.
pub async fn set_own(
    conn: &mut Conn,
    org: OrgId,
    id: UserId,
    service: &str,
    hash: &str,
) -> Query<Option<User>> {
    diesel::update(one(org, id))
        .filter(users::auth_service.eq(service))
        .set((
            users::auth_service.eq(""),
            users::auth_data.eq(""),
            users::password_hash.eq(hash),
            users::last_password_update.eq(now_ms()),
            users::update_at.eq(now_ms()),
        ))
        .returning(User::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// Sets whether the account has a second factor.
pub async fn set_mfa_active(conn: &mut Conn, org: OrgId, id: UserId, active: bool) -> Query<Option<User>> {
    diesel::update(one(org, id))
        .set((users::mfa_active.eq(active), users::update_at.eq(now_ms())))
        .returning(User::as_returning())
        .get_result(conn)
        .await
        .optional()
}

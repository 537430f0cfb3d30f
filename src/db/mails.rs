//! The queue of outgoing mail.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::fragment::fragment;
use super::functions::now_ms;
use super::statement::prepared;
use super::{Conn, Query, schema::mails};
use crate::wire::{Millis, OrgId};

/// A mail to insert.
#[derive(Debug)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct NewMail<'a> {
    pub org_id: OrgId,
    pub recipient: &'a str,
    pub subject: &'a str,
    pub body: &'a [u8],
}

/// A mail that a sender has taken.
#[derive(Debug, Queryable)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Mail {
    pub id: Uuid,
    pub org_id: OrgId,
    pub recipient: String,
    pub subject: String,
    pub body: Vec<u8>,
    pub attempts: i64,
}

/// Inserts a mail. False if `at_most` are waiting already.
pub async fn insert(conn: &mut Conn, new: &NewMail<'_>, at_most: i64) -> Query<bool> {
    let rows = prepared(
        "insert into mails (id, org_id, recipient, subject, body)
         select $1, $2, $3, $4, $5 where (select count(*) from mails) < $6",
    )
    .bind::<SqlUuid, _>(Uuid::now_v7())
    .bind::<SqlUuid, _>(new.org_id)
    .bind::<Text, _>(new.recipient)
    .bind::<Text, _>(new.subject)
    .bind::<Binary, _>(new.body)
    .bind::<BigInt, _>(at_most)
    .execute(conn)
    .await?;
    Ok(rows == 1)
}

/// Takes mails that are due, at most `limit`: for `lease` milliseconds no other sender takes them.
pub async fn take(conn: &mut Conn, limit: i64, lease: Millis) -> Query<Vec<Mail>> {
    let due = mails::table
        .filter(mails::next_at.le(now_ms()))
        .order(mails::next_at)
        .limit(limit)
        .for_update()
        .skip_locked()
        .select(mails::id);
    let due: Vec<Uuid> = due.load(conn).await?;
    diesel::update(mails::table.filter(mails::id.eq_any(due)))
        .set((
            mails::next_at.eq(fragment::<BigInt>("now_ms() + ").bind::<BigInt, _>(lease)),
            mails::attempts.eq(mails::attempts + 1),
        ))
        .returning((mails::id, mails::org_id, mails::recipient, mails::subject, mails::body, mails::attempts))
        .get_results(conn)
        .await
}

/// Removes a mail that was sent, or that was given up.
pub async fn delete(conn: &mut Conn, id: Uuid) -> Query<usize> {
    diesel::delete(mails::table.find(id)).execute(conn).await
}

/// Makes a mail that could not be sent due again after `pause` milliseconds.
pub async fn put_off(conn: &mut Conn, id: Uuid, pause: Millis) -> Query<usize> {
    prepared("update mails set next_at = now_ms() + $2 where id = $1")
        .bind::<SqlUuid, _>(id)
        .bind::<BigInt, _>(pause)
        .execute(conn)
        .await
}

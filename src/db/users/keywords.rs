//! The keywords that notify accounts.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::db::statement::prepared;
use crate::db::{Conn, Query};
use crate::wire::{OrgId, UserId};

/// The active accounts of `org` that are notified of words: their keywords, separated by commas, and their first name
/// if it notifies them too.
pub async fn keywords(conn: &mut Conn, org: OrgId) -> Query<Vec<(UserId, String, Option<String>)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: UserId,
        #[diesel(sql_type = Text)]
        keys: String,
        #[diesel(sql_type = Nullable<Text>)]
        name: Option<String>,
    }
    let rows: Vec<Row> = prepared(
        "select id, coalesce(notify_props ->> 'mention_keys', '') as keys,
           case when notify_props ->> 'first_name' = 'true' then nullif(first_name, '') end as name
         from users
         where org_id = $1 and delete_at = 0
           and (coalesce(notify_props ->> 'mention_keys', '') <> '' or notify_props ->> 'first_name' = 'true')",
    )
    .bind::<SqlUuid, _>(org)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.keys, row.name)).collect())
}

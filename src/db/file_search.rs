//! Finding files by their names and what is written in them.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;

use super::files::File;
use super::schema::{channel_members, channels, files};
use super::search::{Says, Wanted};
use super::{Conn, Query};
use crate::wire::UserId;

type Source = diesel::helper_types::InnerJoinQuerySource<files::table, channels::table>;
type Condition = Box<dyn BoxableExpression<Source, Pg, SqlType = Bool>>;

/// A hashtag is a word like any other here.
fn condition(says: &Says) -> Condition {
    let sql = diesel::dsl::sql::<Bool>;
    match says {
        Says::Phrase(text) | Says::Hashtag(text) => Box::new(
            sql("to_tsvector('simple', files.content) @@ phraseto_tsquery('simple', ")
                .bind::<Text, _>(text.clone())
                .sql(")"),
        ),
        Says::Prefix(text) => {
            let quoted = format!("'{}':*", text.replace('\\', "").replace('\'', "''"));
            Box::new(
                sql("to_tsvector('simple', files.content) @@ to_tsquery('simple', ")
                    .bind::<Text, _>(quoted)
                    .sql(")"),
            )
        }
    }
}

/// Files of posts in channels that `reader` is in, newest first.
pub async fn files(
    conn: &mut Conn,
    reader: UserId,
    wanted: &Wanted,
    offset: i64,
    limit: i64,
) -> Query<Vec<File>> {
    let mine = channel_members::table
        .filter(channel_members::user_id.eq(reader))
        .select(channel_members::channel_id);
    let mut found = files::table
        .inner_join(channels::table)
        .filter(channels::id.eq_any(mine))
        .filter(files::post_id.is_not_null().and(files::is_ready).and(files::delete_at.eq(0)))
        .select(File::as_select())
        .order((files::create_at.desc(), files::id.desc()))
        .offset(offset)
        .limit(limit)
        .into_boxed();
    if let Some(team) = wanted.team {
        found = found.filter(channels::team_id.eq(team).or(channels::team_id.is_null()));
    }
    if !wanted.archived {
        found = found.filter(channels::delete_at.eq(0));
    }
    let join = |a: Condition, b: Condition| -> Condition {
        if wanted.any { Box::new(a.or(b)) } else { Box::new(a.and(b)) }
    };
    if let Some(says) = wanted.says.iter().map(condition).reduce(join) {
        found = found.filter(says);
    }
    for not in &wanted.says_not {
        found = found.filter(diesel::dsl::not(condition(not)));
    }
    if !wanted.authors.is_empty() {
        found = found.filter(files::user_id.eq_any(&wanted.authors));
    }
    if !wanted.not_authors.is_empty() {
        found = found.filter(files::user_id.ne_all(&wanted.not_authors));
    }
    if !wanted.channels.is_empty() {
        found = found.filter(channels::id.eq_any(&wanted.channels));
    }
    if !wanted.not_channels.is_empty() {
        found = found.filter(channels::id.ne_all(&wanted.not_channels));
    }
    if !wanted.extensions.is_empty() {
        found = found.filter(files::extension.eq_any(&wanted.extensions));
    }
    if !wanted.not_extensions.is_empty() {
        found = found.filter(files::extension.ne_all(&wanted.not_extensions));
    }
    if let Some(from) = wanted.from {
        found = found.filter(files::create_at.ge(from));
    }
    if let Some(until) = wanted.until {
        found = found.filter(files::create_at.lt(until));
    }
    found.load(conn).await
}

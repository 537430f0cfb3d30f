//! Finding posts by what they say.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;

use super::posts::Post;
use super::schema::{channel_members, channels, posts, users};
use super::{Conn, Query};
use crate::wire::{ChannelId, Millis, TeamId, UserId};

/// One condition on a post's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// These words after one another; a single word is a phrase of one.
    Phrase(String),
    /// A word that begins so.
    Prefix(String),
    /// A hashtag, without its `#`.
    Hashtag(String),
}

/// What is looked for. Empty lists do not restrict.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Wanted {
    pub says: Vec<Says>,
    /// Whether one of `says` is enough.
    pub any: bool,
    pub says_not: Vec<Says>,
    pub authors: Vec<UserId>,
    pub not_authors: Vec<UserId>,
    pub channels: Vec<ChannelId>,
    pub not_channels: Vec<ChannelId>,
    /// Ends of files' names, without the dot.
    pub extensions: Vec<String>,
    pub not_extensions: Vec<String>,
    /// Made at or after.
    pub from: Option<Millis>,
    /// Made before.
    pub until: Option<Millis>,
    /// Of this team's channels, and of channels without a team. All teams if none.
    pub team: Option<TeamId>,
    pub archived: bool,
}

type Condition = Box<dyn BoxableExpression<Source, Pg, SqlType = Bool>>;
type Source = diesel::helper_types::InnerJoinQuerySource<posts::table, channels::table>;

fn condition(says: &Says) -> Condition {
    let sql = diesel::dsl::sql::<Bool>;
    match says {
        Says::Phrase(text) => Box::new(
            sql("to_tsvector('simple', posts.message) @@ phraseto_tsquery('simple', ")
                .bind::<Text, _>(text.clone())
                .sql(")"),
        ),
        Says::Prefix(text) => {
            let quoted = format!("'{}':*", text.replace('\\', "").replace('\'', "''"));
            Box::new(
                sql("to_tsvector('simple', posts.message) @@ to_tsquery('simple', ")
                    .bind::<Text, _>(quoted)
                    .sql(")"),
            )
        }
        Says::Hashtag(tag) => {
            let tag = format!("#{}", tag.to_lowercase());
            Box::new(
                sql("(posts.hashtags <> '' and string_to_array(lower(posts.hashtags), ' ') @> array[")
                    .bind::<Text, _>(tag)
                    .sql("])"),
            )
        }
    }
}

/// Posts of people in channels that `reader` is in, newest first.
pub async fn posts(
    conn: &mut Conn,
    reader: UserId,
    wanted: &Wanted,
    offset: i64,
    limit: i64,
) -> Query<Vec<Post>> {
    let mine = channel_members::table
        .filter(channel_members::user_id.eq(reader))
        .select(channel_members::channel_id);
    let mut found = posts::table
        .inner_join(channels::table)
        .filter(
            posts::channel_id
                .eq_any(mine)
                .and(posts::delete_at.eq(0))
                .and(posts::kind.not_like("system\\_%")),
        )
        .select(Post::as_select())
        .order((posts::create_at.desc(), posts::seq.desc()))
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
        found = found.filter(posts::user_id.eq_any(&wanted.authors));
    }
    if !wanted.not_authors.is_empty() {
        found = found.filter(posts::user_id.ne_all(&wanted.not_authors));
    }
    if !wanted.channels.is_empty() {
        found = found.filter(posts::channel_id.eq_any(&wanted.channels));
    }
    if !wanted.not_channels.is_empty() {
        found = found.filter(posts::channel_id.ne_all(&wanted.not_channels));
    }
    if let Some(from) = wanted.from {
        found = found.filter(posts::create_at.ge(from));
    }
    if let Some(until) = wanted.until {
        found = found.filter(posts::create_at.lt(until));
    }
    found.load(conn).await
}

/// Accounts of these names.
pub async fn authors(
    conn: &mut Conn,
    org: crate::wire::OrgId,
    names: &[String],
) -> Query<Vec<(String, UserId)>> {
    users::table
        .filter(users::org_id.eq(org).and(users::username.eq_any(names)))
        .select((users::username, users::id))
        .load(conn)
        .await
}

/// Channels of these names that `reader` is in, of one team if named.
pub async fn channels(
    conn: &mut Conn,
    reader: UserId,
    team: Option<TeamId>,
    names: &[String],
) -> Query<Vec<(String, ChannelId)>> {
    let mut found = channels::table
        .inner_join(channel_members::table)
        .filter(channel_members::user_id.eq(reader).and(channels::name.eq_any(names)))
        .select((channels::name, channels::id))
        .into_boxed();
    if let Some(team) = team {
        found = found.filter(channels::team_id.eq(team).or(channels::team_id.is_null()));
    }
    found.load(conn).await
}

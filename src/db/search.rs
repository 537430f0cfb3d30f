//! Finding posts by what they say; and what finding files has in common with it.

use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;

use super::fragment::fragment;
use super::posts::{BYTES, Page, Post, within};
use super::schema::{channel_members, channels, posts, users};
use super::statement::prepared;
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
    /// Not made on the days that begin then.
    pub not_on: Vec<Millis>,
    /// Of this team's channels, and of channels without a team. All teams if none.
    pub team: Option<TeamId>,
    pub archived: bool,
}

/// A condition on rows of `Source`.
pub(super) type Condition<Source> = Box<dyn BoxableExpression<Source, Pg, SqlType = Bool>>;

/// Words of the text column `text`, as its index has them.
pub(super) fn words<Source: 'static>(text: &str, says: &Words<'_>) -> Condition<Source> {
    // Planned each time on purpose: how many posts have a word decides how they are looked for.
    let sql = |parser: &str| sql::<Bool>(&format!("to_tsvector('simple', {text}) @@ {parser}('simple', "));
    match says {
        Words::Phrase(text) => Box::new(sql("phraseto_tsquery").bind::<Text, _>((*text).to_owned()).sql(")")),
        Words::Prefix(text) => {
            let quoted = format!("'{}':*", text.replace('\\', "").replace('\'', "''"));
            Box::new(sql("to_tsquery").bind::<Text, _>(quoted).sql(")"))
        }
    }
}

/// Words after one another, or one that begins so.
pub(super) enum Words<'a> {
    Phrase(&'a str),
    Prefix(&'a str),
}

/// The whole of what `wanted` says of a text, if anything, by what one part of it means.
pub(super) fn said<Source: 'static>(
    wanted: &Wanted,
    condition: fn(&Says) -> Condition<Source>,
) -> Option<Condition<Source>> {
    let both = |a: Condition<Source>, b: Condition<Source>| -> Condition<Source> {
        if wanted.any { Box::new(a.or(b)) } else { Box::new(a.and(b)) }
    };
    wanted.says.iter().map(condition).reduce(both)
}

/// Narrows a query of posts or files, and their channels, to what is wanted of both: what they say, whose they are,
/// where and when.
macro_rules! narrowed {
    ($found:expr, $wanted:expr, $condition:expr, $author:path, $channel:path, $made:path) => {{
        let (mut found, wanted): (_, &Wanted) = ($found.into_boxed(), $wanted);
        if let Some(team) = wanted.team {
            found = found.filter(channels::team_id.eq(team).or(channels::team_id.is_null()));
        }
        if !wanted.archived {
            found = found.filter(channels::delete_at.eq(0).and(channels::team_delete_at.eq(0)));
        }
        if let Some(says) = said(wanted, $condition) {
            found = found.filter(says);
        }
        for says in &wanted.says_not {
            found = found.filter(diesel::dsl::not($condition(says)));
        }
        if !wanted.authors.is_empty() {
            found = found.filter($author.eq_any(&wanted.authors));
        }
        if !wanted.not_authors.is_empty() {
            found = found.filter($author.ne_all(&wanted.not_authors));
        }
        if !wanted.channels.is_empty() {
            found = found.filter($channel.eq_any(&wanted.channels));
        }
        if !wanted.not_channels.is_empty() {
            found = found.filter($channel.ne_all(&wanted.not_channels));
        }
        if let Some(from) = wanted.from {
            found = found.filter($made.ge(from));
        }
        if let Some(until) = wanted.until {
            found = found.filter($made.lt(until));
        }
        for day in &wanted.not_on {
            found = found.filter($made.lt(*day).or($made.ge(day + 86_400_000)));
        }
        found
    }};
}
pub(super) use narrowed;

type Source = diesel::helper_types::InnerJoinQuerySource<posts::table, channels::table>;

fn condition(says: &Says) -> Condition<Source> {
    match says {
        Says::Phrase(text) => words("posts.message", &Words::Phrase(text)),
        Says::Prefix(text) => words("posts.message", &Words::Prefix(text)),
        Says::Hashtag(tag) => {
            let tag = format!("#{}", tag.to_lowercase());
            Box::new(
                fragment::<Bool>(
                    "(posts.hashtags <> '' and string_to_array(lower(posts.hashtags), ' ') @> array[",
                )
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
    (offset, limit): (i64, i64),
) -> Query<Page> {
    let mine = channel_members::table
        .filter(channel_members::user_id.eq(reader))
        .select(channel_members::channel_id);
    let found = posts::table
        .inner_join(channels::table)
        .filter(posts::channel_id.eq_any(mine).and(posts::delete_at.eq(0)))
        .filter(posts::kind.not_like("system\\_%"))
        .select(Post::as_select())
        .order((posts::create_at.desc(), posts::seq.desc()))
        .offset(offset)
        .limit(limit);
    let found = narrowed!(found, wanted, condition, posts::user_id, posts::channel_id, posts::create_at);
    within(conn, found, BYTES).await
}

/// Merges the posts into the text index that were only noted beside it so far.
pub async fn merge_new(conn: &mut Conn) -> Query<()> {
    prepared("select gin_clean_pending_list('posts_text_idx')").execute(conn).await.map(drop)
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

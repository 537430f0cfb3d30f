//! Searches posts by their text; also what the search for files shares with it.

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
use crate::wire::{ChannelId, Millis, PageRange, TeamId, UserId};

/// One condition on a post's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// These words in succession; a single word is a phrase of one.
    Phrase(String),
    /// A word that begins with this.
    Prefix(String),
    /// A hashtag, without its `#`.
    Hashtag(String),
}

/// The conditions of a search. Empty lists do not restrict.
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
    /// File name extensions, without the dot.
    pub extensions: Vec<String>,
    pub not_extensions: Vec<String>,
    /// The earliest time of creation, inclusive.
    pub from: Option<Millis>,
    /// The latest time of creation, exclusive.
    pub until: Option<Millis>,
    /// The beginnings of days that are excluded.
    pub not_on: Vec<Millis>,
    /// The team whose channels are searched, beside channels without a team; `None` for all teams.
    pub team: Option<TeamId>,
    pub archived: bool,
}

/// A condition on rows of `Source`.
pub(super) type Condition<Source> = Box<dyn BoxableExpression<Source, Pg, SqlType = Bool>>;

/// The condition that the text column `text` contains the words, as its index has them.
pub(super) fn words<Source: 'static>(text: &str, says: &Words<'_>) -> Condition<Source> {
    // Planned each time on purpose: the number of posts with a word decides which plan is fast.
    let sql = |parser: &str| sql::<Bool>(&format!("to_tsvector('simple', {text}) @@ {parser}('simple', "));
    match says {
        Words::Phrase(text) => Box::new(sql("phraseto_tsquery").bind::<Text, _>((*text).to_owned()).sql(")")),
        Words::Prefix(text) => {
            let quoted = format!("'{}':*", text.replace('\\', "").replace('\'', "''"));
            Box::new(sql("to_tsquery").bind::<Text, _>(quoted).sql(")"))
        }
    }
}

/// Words in succession, or the beginning of one.
pub(super) enum Words<'a> {
    Phrase(&'a str),
    Prefix(&'a str),
}

/// The condition of all that `wanted` demands of a text, if anything, combined from the condition of each part.
pub(super) fn said<Source: 'static>(
    wanted: &Wanted,
    condition: fn(&Says) -> Condition<Source>,
) -> Option<Condition<Source>> {
    let both = |a: Condition<Source>, b: Condition<Source>| -> Condition<Source> {
        if wanted.any { Box::new(a.or(b)) } else { Box::new(a.and(b)) }
    };
    wanted.says.iter().map(condition).reduce(both)
}

/// Narrows a query of posts or files, and their channels, to what both have in common: text, author, channel and time.
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

/// Posts of people that match, in channels that `reader` is in, newest first.
pub async fn posts(
    conn: &mut Conn,
    reader: UserId,
    wanted: &Wanted,
    PageRange { offset, limit }: PageRange,
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

/// Merges the text index's pending list into the index.
pub async fn merge_new(conn: &mut Conn) -> Query<()> {
    prepared("select gin_clean_pending_list('posts_text_idx')").execute(conn).await.map(drop)
}

/// The accounts that have one of these names.
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

/// The channels that have one of these names and that `reader` is in, of one team if given.
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

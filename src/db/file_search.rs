//! Searches files by their names and their text.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::files::File;
use super::schema::{channel_members, channels, files};
use super::search::{Condition, Says, Wanted, Words, narrowed, said, words};
use super::{Conn, Query};
use crate::wire::{PageRange, UserId};

type Source = diesel::helper_types::InnerJoinQuerySource<files::table, channels::table>;

/// The condition on a file's text. A hashtag is a word like any other here.
fn condition(says: &Says) -> Condition<Source> {
    match says {
        Says::Phrase(text) | Says::Hashtag(text) => words("files.content", &Words::Phrase(text)),
        Says::Prefix(text) => words("files.content", &Words::Prefix(text)),
    }
}

/// Files of posts in channels that `reader` is in, newest first.
pub async fn files(
    conn: &mut Conn,
    reader: UserId,
    wanted: &Wanted,
    PageRange { offset, limit }: PageRange,
) -> Query<Vec<File>> {
    let mine = channel_members::table
        .filter(channel_members::user_id.eq(reader))
        .select(channel_members::channel_id);
    let found = files::table
        .inner_join(channels::table)
        .filter(channels::id.eq_any(mine))
        .filter(files::post_id.is_not_null().and(files::is_ready).and(files::delete_at.eq(0)))
        .select(File::as_select())
        .order((files::create_at.desc(), files::id.desc()))
        .offset(offset)
        .limit(limit);
    let mut found = narrowed!(found, wanted, condition, files::user_id, channels::id, files::create_at);
    if !wanted.extensions.is_empty() {
        found = found.filter(files::extension.eq_any(&wanted.extensions));
    }
    if !wanted.not_extensions.is_empty() {
        found = found.filter(files::extension.ne_all(&wanted.not_extensions));
    }
    found.load(conn).await
}

//! Searches posts and files. Only in channels that the caller is in, whatever the terms are.

mod files;
mod terms;

use serde::Deserialize;

use crate::db::posts::Page;
use crate::db::search::Wanted;
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::channels::direct_name;
use crate::services::posts::{self, Core};
use crate::services::teams;
use crate::wire::{PageRange, PostSearchResults, TeamId};
pub use files::find_files;
use terms::Terms;

/// The most characters of search terms.
const MAX_TERMS: usize = 1000;

/// A search as the client sends it.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields are the protocol's")]
pub struct Search {
    #[serde(default)]
    pub terms: String,
    #[serde(default)]
    pub is_or_search: bool,
    /// Seconds east of UTC, which determine the searcher's days.
    #[serde(default)]
    pub time_zone_offset: i64,
    #[serde(default)]
    pub include_deleted_channels: bool,
    #[serde(default)]
    pub page: i64,
    #[serde(default = "per_page")]
    pub per_page: i64,
}

fn per_page() -> i64 {
    60
}

impl Search {
    /// Parses the terms; an error if they are empty or too long.
    fn parsed(&self) -> Result<Terms> {
        if self.terms.trim().is_empty() || self.terms.chars().count() > MAX_TERMS {
            return Err(Error::body("terms"));
        }
        Ok(Terms::parse(&self.terms, self.time_zone_offset.clamp(-86_400, 86_400)))
    }

    /// The page of the results.
    fn part(&self) -> PageRange {
        let limit = self.per_page.clamp(1, 100);
        PageRange { offset: self.page.clamp(0, 10_000) * limit, limit }
    }

    /// The page and one result more, which shows whether there is a next page.
    fn part_and_next(&self) -> PageRange {
        let part = self.part();
        PageRange { limit: part.limit + 1, ..part }
    }

    /// The number of results on the page.
    fn shown(&self) -> usize {
        usize::try_from(self.part().limit).unwrap_or(usize::MAX)
    }
}

/// Finds posts in the caller's channels of a team (and those without a team), or of all teams.
pub async fn find(
    core: &Core,
    caller: &Caller,
    team: Option<TeamId>,
    search: Search,
) -> Result<PostSearchResults> {
    let terms = search.parsed()?;
    let mut conn = core.read().await?;
    let mut page = match wanted(&mut conn, caller, team, &search, terms).await? {
        Some(wanted) => db::search::posts(&mut conn, caller.id, &wanted, search.part_and_next()).await?,
        None => Page::default(),
    };
    let more = page.is_cut || page.rows.len() > search.shown();
    page.rows.truncate(search.shown());
    let page = posts::read(&mut conn, caller, page).await?;
    let mut list = posts::list_of(&mut conn, page).await?;
    list.has_next = Some(more || list.has_next == Some(true));
    Ok(PostSearchResults { list, matches: None })
}

/// The terms with names replaced by ids; `None` if nothing can be found: there are no terms, or no account or no
/// channel that they name exists. The caller must be a member of the team that is searched.
async fn wanted(
    conn: &mut Conn,
    caller: &Caller,
    team: Option<TeamId>,
    search: &Search,
    terms: Terms,
) -> Result<Option<Wanted>> {
    if let Some(team) = team {
        teams::access(conn, caller, team).await?;
    }
    let (within, not_within) = (&terms.within, &terms.not_within);
    let partners = within.iter().chain(not_within).filter_map(|name| name.strip_prefix('@'));
    let names: Vec<String> =
        terms.from.iter().chain(&terms.not_from).cloned().chain(partners.map(str::to_owned)).collect();
    let people =
        if names.is_empty() { Vec::new() } else { db::search::authors(conn, caller.org, &names).await? };
    // `@name` as a place means the direct channel with that person.
    let talk = |name: &String| {
        let partner = people.iter().find(|(other, _)| Some(other.as_str()) == name.strip_prefix('@'));
        partner.map_or_else(|| name.clone(), |(_, id)| direct_name(caller.id, *id))
    };
    let (within, not_within): (Vec<String>, Vec<String>) =
        (within.iter().map(talk).collect(), not_within.iter().map(talk).collect());
    let places = [within.clone(), not_within.clone()].concat();
    let places = if places.is_empty() {
        Vec::new()
    } else {
        db::search::channels(conn, caller.id, team, &places).await?
    };
    let pick = |wanted: &[String]| {
        people.iter().filter(|(n, _)| wanted.contains(n)).map(|(_, id)| *id).collect::<Vec<_>>()
    };
    let place = |wanted: &[String]| {
        places.iter().filter(|(n, _)| wanted.contains(n)).map(|(_, id)| *id).collect::<Vec<_>>()
    };
    let (authors, channels) = (pick(&terms.from), place(&within));
    let nobody = !terms.from.is_empty() && authors.is_empty();
    let nowhere = !within.is_empty() && channels.is_empty();
    if nobody || nowhere || terms.is_empty() {
        return Ok(None);
    }
    Ok(Some(Wanted {
        not_authors: pick(&terms.not_from),
        not_channels: place(&not_within),
        authors,
        channels,
        says: terms.says,
        any: search.is_or_search,
        says_not: terms.says_not,
        extensions: terms.extensions,
        not_extensions: terms.not_extensions,
        from: terms.after,
        until: terms.before,
        not_on: terms.not_on,
        team,
        archived: search.include_deleted_channels,
    }))
}

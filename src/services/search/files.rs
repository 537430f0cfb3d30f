//! Searching files, by their names and by what is written in them. Only on posts in channels that the caller is in.

use super::{MAX_TERMS, Search, Terms, wanted};
use crate::db;
use crate::error::{Error, Result};
use crate::services::attachments::info;
use crate::services::auth::Caller;
use crate::services::core::Core;
use crate::services::teams;
use crate::wire::{FileInfoList, TeamId};

/// Finds files in the caller's channels of a team (and those without a team), or of all teams.
pub async fn find_files(
    core: &Core,
    caller: &Caller,
    team: Option<TeamId>,
    search: Search,
) -> Result<FileInfoList> {
    if search.terms.trim().is_empty() || search.terms.chars().count() > MAX_TERMS {
        return Err(Error::body("terms"));
    }
    let mut conn = core.read().await?;
    if let Some(team) = team {
        teams::seat(&mut conn, caller, team).await?;
    }
    let terms = Terms::parse(&search.terms, search.time_zone_offset.clamp(-86_400, 86_400));
    let Some(wanted) = wanted(&mut conn, caller, team, &search, terms).await? else {
        return Ok(FileInfoList::default());
    };
    let limit = search.per_page.clamp(1, 100);
    let offset = search.page.clamp(0, 10_000) * limit;
    let found = db::file_search::files(&mut conn, caller.id, &wanted, offset, limit).await?;
    let order = found.iter().map(|file| file.id).collect();
    let file_infos = found.into_iter().map(|file| (file.id.to_string(), info(file))).collect();
    Ok(FileInfoList { order, file_infos, ..FileInfoList::default() })
}

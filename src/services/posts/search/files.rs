//! Searches files, by their names and their text. Only those on posts in channels that the caller is in.

use super::{Search, wanted};
use crate::db;
use crate::error::Result;
use crate::services::auth::Caller;
use crate::services::channels;
use crate::services::channels::attachments::info;
use crate::services::posts::Core;
use crate::wire::{FileInfoList, TeamId};

/// Finds files in the caller's channels of a team (and those without a team), or of all teams.
pub async fn find_files(
    core: &Core,
    caller: &Caller,
    team: Option<TeamId>,
    search: Search,
) -> Result<FileInfoList> {
    let terms = search.parsed()?;
    let mut conn = core.read().await?;
    let Some(wanted) = wanted(&mut conn, caller, team, &search, terms).await? else {
        return Ok(FileInfoList::default());
    };
    let mut found = db::file_search::files(&mut conn, caller.id, &wanted, search.part_and_next()).await?;
    let next = found.get(search.shown()).map(|file| file.id.to_string()).unwrap_or_default();
    found.truncate(search.shown());
    let readable =
        channels::readable(&mut conn, caller, found.iter().filter_map(|file| file.channel_id)).await?;
    found.retain(|file| file.channel_id.is_some_and(|channel| readable.contains(&channel)));
    let order = found.iter().map(|file| file.id).collect();
    let file_infos = found.into_iter().map(|file| (file.id.to_string(), info(file))).collect();
    Ok(FileInfoList { order, file_infos, next_file_info_id: next, ..FileInfoList::default() })
}

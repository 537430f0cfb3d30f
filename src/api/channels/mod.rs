//! Channels: creating, changing and finding them. Their members are in `members`, reading positions in `unreads`.

pub(super) mod members;
pub(super) mod unreads;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::error::Answer;
use super::extract::{self, AppCore, Body, Page, Params, part};
use super::respond::{created, done, found};
use crate::error::Error;
use crate::services::auth::Caller;
use crate::services::channels::{self, ChannelSearch, Kind};
use crate::wire::{ChannelId, TeamId, UserId, to_text};

#[derive(Deserialize)]
struct Privacy {
    privacy: String,
}

fn channel(req: &HttpRequest) -> Result<ChannelId, Error> {
    extract::id(req)
}

fn team(req: &HttpRequest) -> Result<TeamId, Error> {
    extract::id(req)
}

/// 200 with one object a line.
fn lines<T: Serialize>(items: &[T]) -> Answer {
    let text: String = items.iter().map(|item| to_text(item) + "\n").collect();
    let kind = (header::CONTENT_TYPE, "application/x-ndjson");
    Ok(HttpResponse::build(StatusCode::OK).insert_header(kind).body(text))
}

pub(super) async fn create(core: AppCore, caller: Caller, body: Body) -> Answer {
    created(&channels::create(&core, &caller, body.read()?).await?)
}

pub(super) async fn create_direct(core: AppCore, caller: Caller, body: Body) -> Answer {
    created(&channels::direct(&core, &caller, &body.read::<Vec<UserId>>()?).await?)
}

pub(super) async fn create_group(core: AppCore, caller: Caller, body: Body) -> Answer {
    created(&channels::group(&core, &caller, &body.read::<Vec<UserId>>()?).await?)
}

pub(super) async fn get(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&channels::get(&core, &caller, channel(&req)?).await?)
}

pub(super) async fn by_name(core: AppCore, caller: Caller, req: HttpRequest, params: Params) -> Answer {
    let archived = params.flag("include_deleted");
    found(&channels::by_name(&core, &caller, team(&req)?, &part(&req, "channel_name"), archived).await?)
}

pub(super) async fn by_names(core: AppCore, caller: Caller, req: HttpRequest, params: Params) -> Answer {
    let (team, name) = (part(&req, "team_name"), part(&req, "channel_name"));
    found(&channels::by_names(&core, &caller, &team, &name, params.flag("include_deleted")).await?)
}

pub(super) async fn replace(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    found(&channels::replace(&core, &caller, channel(&req)?, body.read()?).await?)
}

pub(super) async fn patch(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    found(&channels::patch(&core, &caller, channel(&req)?, body.read()?).await?)
}

pub(super) async fn set_privacy(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let (id, wanted) = (channel(&req)?, body.read::<Privacy>()?);
    found(&channels::set_privacy(&core, &caller, id, &wanted.privacy).await?)
}

pub(super) async fn archive(core: AppCore, caller: Caller, req: HttpRequest, params: Params) -> Answer {
    let id = channel(&req)?;
    if params.flag("permanent") {
        return Err(channels::delete_for_good().into());
    }
    channels::archive(&core, &caller, id).await?;
    done()
}

pub(super) async fn restore(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&channels::restore(&core, &caller, channel(&req)?).await?)
}

pub(super) async fn public(core: AppCore, caller: Caller, req: HttpRequest, page: Page) -> Answer {
    let page = page.range();
    found(&channels::of_team(&core, &caller, team(&req)?, Kind::Public, page).await?)
}

pub(super) async fn private(core: AppCore, caller: Caller, req: HttpRequest, page: Page) -> Answer {
    let page = page.range();
    found(&channels::of_team(&core, &caller, team(&req)?, Kind::Private, page).await?)
}

pub(super) async fn archived(core: AppCore, caller: Caller, req: HttpRequest, page: Page) -> Answer {
    let page = page.range();
    found(&channels::of_team(&core, &caller, team(&req)?, Kind::Archived, page).await?)
}

pub(super) async fn by_ids(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    found(&channels::by_ids(&core, &caller, team(&req)?, &body.read::<Vec<ChannelId>>()?).await?)
}

pub(super) async fn search(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    found(&channels::search(&core, &caller, team(&req)?, &body.read()?).await?)
}

pub(super) async fn autocomplete(core: AppCore, caller: Caller, req: HttpRequest, params: Params) -> Answer {
    let text = params.text("name").unwrap_or_default();
    found(&channels::autocomplete(&core, &caller, team(&req)?, text).await?)
}

pub(super) async fn search_autocomplete(
    core: AppCore,
    caller: Caller,
    req: HttpRequest,
    params: Params,
) -> Answer {
    let text = params.text("name").unwrap_or_default();
    found(&channels::search_autocomplete(&core, &caller, team(&req)?, text).await?)
}

pub(super) async fn search_all(core: AppCore, caller: Caller, body: Body) -> Answer {
    let search: ChannelSearch = body.read()?;
    let listing = channels::search_all(&core, &caller, &search).await?;
    if search.page.is_some() && search.per_page.is_some() {
        return found(&json!({"channels": listing.channels, "total_count": listing.total}));
    }
    found(&listing.channels)
}

pub(super) async fn search_groups(core: AppCore, caller: Caller, body: Body) -> Answer {
    found(&channels::groups(&core, &caller, &body.read::<ChannelSearch>()?.term).await?)
}

pub(super) async fn all(core: AppCore, caller: Caller, page: Page, params: Params) -> Answer {
    let page = page.range();
    let listing = channels::all(&core, &caller, params.flag("include_deleted"), page).await?;
    if params.flag("include_total_count") {
        return found(&json!({"channels": listing.channels, "total_count": listing.total}));
    }
    found(&listing.channels)
}

/// The time since when archived channels are included, if the query includes them.
fn archived_since(params: &Params) -> Option<i64> {
    params.flag("include_deleted").then(|| params.number("last_delete_at").unwrap_or(0))
}

pub(super) async fn of_user_in_team(
    core: AppCore,
    caller: Caller,
    req: HttpRequest,
    params: Params,
) -> Answer {
    let (user, team) = (extract::user(&req, &caller)?, team(&req)?);
    found(&channels::of_user(&core, &caller, user, Some(team), archived_since(&params)).await?)
}

pub(super) async fn of_user(core: AppCore, caller: Caller, req: HttpRequest, params: Params) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&channels::of_user(&core, &caller, user, None, archived_since(&params)).await?)
}

pub(super) async fn places_in_team(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let (user, team) = (extract::user(&req, &caller)?, team(&req)?);
    found(&channels::places_of_user(&core, &caller, user, Some(team), None).await?)
}

/// A page of memberships; page −1 stands for all of them, one object a line.
pub(super) async fn places(
    core: AppCore,
    caller: Caller,
    req: HttpRequest,
    page: Page,
    params: Params,
) -> Answer {
    let user = extract::user(&req, &caller)?;
    if params.number("page") == Some(-1) {
        return lines(&channels::places_of_user(&core, &caller, user, None, None).await?);
    }
    let page = page.range();
    found(&channels::places_of_user(&core, &caller, user, None, Some(page)).await?)
}

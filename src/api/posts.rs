//! Posts over HTTP.

use actix_web::HttpRequest;
use serde::Deserialize;

use super::error::Answer;
use super::extract::{AppCore, Body, Page, Params, id, user};
use super::respond::{created, done, found};
use crate::error::Error;
use crate::services::auth::Caller;
use crate::services::auth::permissions::Permission;
use crate::services::posts::search::{self, Search};
use crate::services::posts::{self, Around, Deleted, Ephemeral, NewPost, PostPatch, Slice, Walk, Window};
use crate::wire::PostId;

pub(super) async fn create(core: AppCore, caller: Caller, query: Params, body: Body) -> Answer {
    let set_online = query.text("set_online").is_none_or(|v| v != "false");
    created(&posts::create(&core, &caller, body.read::<NewPost>()?, set_online).await?)
}

pub(super) async fn ephemeral(core: AppCore, caller: Caller, body: Body) -> Answer {
    let permit = caller.permit(Permission::CreatePostEphemeral)?;
    created(&posts::announce_ephemeral(&core, &caller, permit, body.read::<Ephemeral>()?).await?)
}

pub(super) async fn one(core: AppCore, caller: Caller, req: HttpRequest, query: Params) -> Answer {
    let deleted = Deleted::asked(&caller, query.flag("include_deleted"))?;
    found(&posts::one(&core, &caller, id(&req)?, deleted).await?)
}

pub(super) async fn files(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&posts::files(&core, &caller, id(&req)?).await?)
}

pub(super) async fn by_ids(core: AppCore, caller: Caller, body: Body) -> Answer {
    let ids: Vec<PostId> = body.read()?;
    let mut list = posts::by_ids(&core, &caller, &ids).await?;
    let posts: Vec<_> = list.order.iter().filter_map(|id| list.posts.remove(&id.to_string())).collect();
    found(&posts)
}

pub(super) async fn patch(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    found(&posts::patch(&core, &caller, id(&req)?, body.read::<PostPatch>()?).await?)
}

/// A whole post, and the identifier that its body states.
#[derive(Deserialize)]
struct Whole {
    #[serde(default, with = "crate::wire::id::or_empty")]
    id: Option<PostId>,
    #[serde(flatten)]
    rest: PostPatch,
}

pub(super) async fn update(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let Whole { id: named, rest } = body.read()?;
    found(&posts::update(&core, &caller, id(&req)?, named, rest).await?)
}

pub(super) async fn delete(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    posts::delete(&core, &caller, id(&req)?).await?;
    done()
}

pub(super) async fn pin(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    posts::set_pinned(&core, &caller, id(&req)?, true).await?;
    done()
}

pub(super) async fn unpin(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    posts::set_pinned(&core, &caller, id(&req)?, false).await?;
    done()
}

pub(super) async fn thread(core: AppCore, caller: Caller, req: HttpRequest, query: Params) -> Answer {
    let older = query.text("direction") == Some("up");
    let window = Window {
        from: query.id("fromPost")?,
        walk: if older { Walk::Older } else { Walk::Newer },
        limit: query.number("perPage").filter(|n| *n > 0).unwrap_or(i64::MAX),
    };
    found(&posts::thread(&core, &caller, id(&req)?, window).await?)
}

pub(super) async fn of_channel(
    core: AppCore,
    caller: Caller,
    req: HttpRequest,
    query: Params,
    page: Page,
) -> Answer {
    let channel = id(&req)?;
    let deleted = Deleted::asked(&caller, query.flag("include_deleted"))?;
    if let Some(since) = query.number("since").filter(|s| *s > 0) {
        return found(&posts::since(&core, &caller, channel, since, deleted).await?);
    }
    let (before, after) = (query.id("before")?, query.id("after")?);
    let at = before.map(Around::Before).or(after.map(Around::After));
    let slice = Slice { offset: page.offset, limit: page.limit };
    found(&match at {
        Some(at) => posts::around(&core, &caller, channel, at, slice, deleted).await?,
        None => posts::page(&core, &caller, channel, slice, deleted).await?,
    })
}

pub(super) async fn unread_window(core: AppCore, caller: Caller, req: HttpRequest, query: Params) -> Answer {
    let limit = |name| query.number(name).filter(|n| *n >= 0).unwrap_or(60).min(200);
    let limits = (limit("limit_before"), limit("limit_after"));
    if limits.1 == 0 {
        return Err(Error::param("limit_after").into());
    }
    let (user, channel) = (user(&req, &caller)?, id(&req)?);
    found(&posts::unread_window(&core, &caller, user, channel, limits).await?)
}

pub(super) async fn pinned(
    core: AppCore,
    caller: Caller,
    req: HttpRequest,
    query: Params,
    page: Page,
) -> Answer {
    let part = query.text("per_page").map(|_| page.range());
    found(&posts::pinned(&core, &caller, id(&req)?, part).await?)
}

pub(super) async fn flagged(
    core: AppCore,
    caller: Caller,
    req: HttpRequest,
    query: Params,
    page: Page,
) -> Answer {
    let within = (query.id("team_id")?, query.id("channel_id")?);
    found(&posts::flagged(&core, &caller, user(&req, &caller)?, within, page.range()).await?)
}

pub(super) async fn search_team(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    found(&search::find(&core, &caller, Some(id(&req)?), body.read::<Search>()?).await?)
}

pub(super) async fn search_all(core: AppCore, caller: Caller, body: Body) -> Answer {
    found(&search::find(&core, &caller, None, body.read::<Search>()?).await?)
}

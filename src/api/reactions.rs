//! Reactions over HTTP.

use actix_web::HttpRequest;
use serde::Deserialize;

use super::error::Answer;
use super::extract::{AppCore, Body, id, part, user};
use super::respond::{done, found};
use crate::services::auth::Caller;
use crate::services::posts::reactions;
use crate::wire::{PostId, UserId};

#[derive(Deserialize)]
struct NewReaction {
    user_id: UserId,
    post_id: PostId,
    emoji_name: String,
}

pub(super) async fn add(core: AppCore, caller: Caller, body: Body) -> Answer {
    let new: NewReaction = body.read()?;
    found(&reactions::add(&core, &caller, new.user_id, new.post_id, &new.emoji_name).await?)
}

pub(super) async fn remove(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let emoji = part(&req, "emoji_name");
    reactions::remove(&core, &caller, user(&req, &caller)?, id(&req)?, &emoji).await?;
    done()
}

pub(super) async fn of_post(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&reactions::of_post(&core, &caller, id(&req)?).await?)
}

pub(super) async fn of_posts(core: AppCore, caller: Caller, body: Body) -> Answer {
    found(&reactions::of_posts(&core, &caller, &body.read::<Vec<PostId>>()?).await?)
}

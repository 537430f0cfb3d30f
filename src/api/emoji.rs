//! Custom emoji.

use actix_web::HttpRequest;
use actix_web::web::Payload;

use super::error::Answer;
use super::extract::{self, AppCore, Body, Page, Params};
use super::form::{Form, Names};
use super::pictures::PictureResponse;
use super::respond::{created, done, found};
use crate::error::Error;
use crate::services::auth::Caller;
use crate::services::posts::emoji::{self, NewEmoji, Order};
use crate::wire::EmojiId;

const FORM: Names = Names {
    too_large: "api.emoji.create.too_large.app_error",
    unreadable: "api.emoji.create.parse.app_error",
    no_file: "api.emoji.create.no_file.app_error",
    many_files: "api.emoji.create.array.app_error",
};

/// The most bytes of an emoji's description beside its picture.
const DESCRIPTION: usize = 4096;

fn id(req: &HttpRequest) -> Result<EmojiId, Error> {
    extract::id(req)
}

pub(super) async fn create(core: AppCore, caller: Caller, req: HttpRequest, body: Payload) -> Answer {
    let form = Form::read(&req, body, emoji::MOST_UPLOADED + DESCRIPTION, FORM).await?;
    let described: Option<NewEmoji> = form.value("emoji").and_then(|json| serde_json::from_slice(json).ok());
    let new = described.ok_or_else(|| Error::body("emoji"))?;
    created(&emoji::create(&core, &caller, new, form.file("image")?).await?)
}

pub(super) async fn list(core: AppCore, caller: Caller, page: Page, params: Params) -> Answer {
    let order = match params.text("sort") {
        None => Order::Age,
        Some("name") => Order::Name,
        Some(_) => return Err(Error::param("sort").into()),
    };
    found(&emoji::list(&core, &caller, order, page.offset, page.limit).await?)
}

pub(super) async fn get(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&emoji::get(&core, &caller, id(&req)?).await?)
}

pub(super) async fn by_name(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&emoji::by_name(&core, &caller, &extract::part(&req, "emoji_name")).await?)
}

pub(super) async fn by_names(core: AppCore, caller: Caller, body: Body) -> Answer {
    let names: Vec<String> = body.read().ok().ok_or_else(|| Error::body("names"))?;
    found(&emoji::by_names(&core, &caller, &names).await?)
}

pub(super) async fn search(core: AppCore, caller: Caller, body: Body) -> Answer {
    found(&emoji::search(&core, &caller, &body.read()?).await?)
}

pub(super) async fn autocomplete(core: AppCore, caller: Caller, params: Params) -> Answer {
    let name = params.text("name").unwrap_or_default();
    found(&emoji::autocomplete(&core, &caller, name).await?)
}

pub(super) async fn delete(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    emoji::delete(&core, &caller, id(&req)?).await?;
    done()
}

pub(super) async fn image(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let picture = emoji::picture(&core, &caller, id(&req)?).await?;
    let shown =
        PictureResponse { mime: picture.mime, etag: picture.etag.clone(), cache: "max-age=2592000, private" };
    if shown.is_known(&req) {
        return Ok(shown.unchanged());
    }
    Ok(shown.answer(picture.read(&core).await?))
}

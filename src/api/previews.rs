//! Previews and pictures of other sites, fetched by this server.

use actix_web::HttpRequest;
use serde::Deserialize;

use super::error::Answer;
use super::extract::{AppCore, Body, Params};
use super::pictures::PictureResponse;
use super::respond::found;
use crate::error::Error;
use crate::services::auth::Caller;
use crate::services::posts::previews;

#[derive(Deserialize)]
struct PreviewQuery {
    url: String,
}

pub(super) async fn open_graph(core: AppCore, caller: Caller, body: Body) -> Answer {
    let PreviewQuery { url } = body.read()?;
    found(&previews::open_graph(&core, &caller, &url).await?)
}

pub(super) async fn image(core: AppCore, caller: Caller, req: HttpRequest, params: Params) -> Answer {
    let url = params.text("url").ok_or_else(|| Error::param("url"))?;
    let picture = previews::proxied(&core, &caller, url).await?;
    let shown =
        PictureResponse { mime: picture.mime, etag: picture.etag.clone(), cache: "max-age=86400, private" };
    if shown.is_known(&req) {
        return Ok(shown.unchanged());
    }
    Ok(shown.answer(picture.read(&core).await?))
}

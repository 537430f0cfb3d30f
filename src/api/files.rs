//! Files over HTTP: they are uploaded as the parts of a form, or one as the body itself.

use std::future::{Ready, ready};

use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use serde_json::json;

use super::address::RequestOrg;
use super::download::{self, file_id};
use super::error::{Answer, ApiError};
use super::extract::{AppCore, Body, Params, id};
use super::inflow::{Cut, Inflow, filename, next_part, told_length};
use super::respond::{created, done, found, found_unless_known};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::files::{self, Allowance, Arrival, Variant};
use crate::services::posts::search::{self, Search};
use crate::wire::{ChannelId, FileUploadResponse};

/// The most bytes of a form beside its files.
const FRAME: u64 = 64 * 1024;

/// The most bytes of a form's text fields.
const TEXT: usize = 1024;

/// The most parts of a form.
const MAX_PARTS: usize = 64;

impl FromRequest for Allowance {
    type Error = ApiError;
    type Future = Ready<std::result::Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let core = req.app_data::<AppCore>().ok_or_else(|| Error::internal("no core"));
        let allowance =
            core.and_then(|core| RequestOrg::of(req).map(|home| Self::of(&core.settings.files, &home)));
        ready(allowance.map_err(ApiError))
    }
}

pub(super) async fn upload(
    core: AppCore,
    caller: Caller,
    allowance: Allowance,
    req: HttpRequest,
    query: Params,
    body: web::Payload,
) -> Answer {
    check_length(allowance, &req)?;
    let mut arrival = files::arrive(&core, &caller, allowance).await?;
    if let Some(channel) = query.id::<ChannelId>("channel_id")? {
        arrival.to(channel).await?;
    }
    let client_ids = if is_form(&req) {
        Some(take_form(&mut arrival, Multipart::new(req.headers(), body)).await?)
    } else {
        arrival.begin(query.text("filename").ok_or_else(|| Error::param("filename"))?).await?;
        take_file(&mut arrival, Inflow::new(body)).await?;
        None
    };
    created(&FileUploadResponse { file_infos: arrival.settle().await?, client_ids })
}

/// Refuses a request whose declared length is too large, before its body is sent.
fn check_length(allowance: Allowance, req: &HttpRequest) -> Result<()> {
    let limit = allowance.file.saturating_add(if is_form(req) { FRAME } else { 0 });
    if told_length(req).is_none_or(|length| length <= limit) { Ok(()) } else { Err(files::too_large()) }
}

pub(super) fn is_form(req: &HttpRequest) -> bool {
    let kind = req.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data"))
}

/// Reads a form: a channel, client ids of the files, and the files. Answers the client ids.
async fn take_form(arrival: &mut Arrival, mut form: Multipart) -> Result<Vec<String>> {
    let mut client_ids = Vec::new();
    for _ in 0..MAX_PARTS {
        let Some(part) = next_part(&mut form).await? else { return Ok(client_ids) };
        let name = part.name().unwrap_or_default().to_owned();
        let filename = filename(&part)?;
        match (name.as_str(), filename) {
            ("channel_id", None | Some(_)) => arrival.to(channel(part).await?).await?,
            ("client_ids", None) => client_ids.push(Inflow::new(part).text(TEXT, "client_ids").await?),
            (_, Some(filename)) => {
                arrival.begin(&filename).await?;
                take_file(arrival, Inflow::new(part)).await?;
            }
            (_, None) => drop(Inflow::new(part).text(TEXT, &name).await?),
        }
    }
    Err(Error::body("files"))
}

async fn channel(part: actix_multipart::Field) -> Result<ChannelId> {
    let text = Inflow::new(part).text(TEXT, "channel_id").await?;
    text.trim().parse().ok().ok_or_else(|| Error::body("channel_id"))
}

async fn take_file<S, E>(arrival: &mut Arrival, mut from: Inflow<S>) -> Result<()>
where
    S: futures_util::Stream<Item = std::result::Result<web::Bytes, E>> + Unpin,
    E: Cut,
{
    while let Some(bytes) = from.next().await? {
        arrival.take(bytes).await?;
    }
    arrival.end().await
}

pub(super) async fn get(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let file = files::readable(&core, &caller, file_id(&req)?).await?;
    download::send(&core, &req, &file).await
}

pub(super) async fn thumbnail(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let file = files::readable(&core, &caller, file_id(&req)?).await?;
    let picture = file.variant(&core, Variant::Thumbnail).await?;
    Ok(download::send_variant(&req, &file, "thumbnail", picture))
}

pub(super) async fn preview(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let file = files::readable(&core, &caller, file_id(&req)?).await?;
    let picture = file.variant(&core, Variant::Preview).await?;
    Ok(download::send_variant(&req, &file, "preview", picture))
}

pub(super) async fn info(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let info = files::readable(&core, &caller, file_id(&req)?).await?.info();
    let mut answer = found_unless_known(&req, &format!("{}.{}", info.id, info.update_at), &info)?;
    let lasts = header::HeaderValue::from_static("max-age=2592000, private");
    answer.headers_mut().insert(header::CACHE_CONTROL, lasts);
    Ok(answer)
}

/// A public link, with which anybody can read the file.
pub(super) async fn link(core: AppCore, caller: Caller, home: RequestOrg, req: HttpRequest) -> Answer {
    let path = files::link(&core, &caller, file_id(&req)?).await?;
    let site = if home.url.is_empty() { home.address(&req) } else { home.url.clone() };
    found(&json!({"link": format!("{site}{path}")}))
}

/// Removes the public links of a file.
pub(super) async fn unlink(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    files::unlink(&core, &caller, file_id(&req)?).await?;
    done()
}

/// The file of a public link; the digest in the address is the proof.
pub(super) async fn public(core: AppCore, req: HttpRequest, query: Params) -> Answer {
    let file = files::public(&core, file_id(&req)?, query.text("h").unwrap_or_default()).await?;
    download::send(&core, &req, &file).await
}

pub(super) async fn search(core: AppCore, caller: Caller, body: Body) -> Answer {
    found(&search::find_files(&core, &caller, None, body.read::<Search>()?).await?)
}

pub(super) async fn search_team(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    found(&search::find_files(&core, &caller, Some(id(&req)?), body.read::<Search>()?).await?)
}

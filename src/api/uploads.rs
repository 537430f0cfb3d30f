//! Resumable uploads over HTTP.

use actix_multipart::Multipart;
use actix_web::{HttpRequest, HttpResponse, web};

use super::error::Answer;
use super::extract::{AppCore, Body, upload, user};
use super::files::is_form;
use super::inflow::{Cut, Inflow, next_part, told_length};
use super::respond::{created, found};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::files::{self, Allowance, Continuation, NewUpload};
use crate::wire::FileInfo;

pub(super) async fn open(core: AppCore, caller: Caller, allowance: Allowance, body: Body) -> Answer {
    created(&files::open(&core, &caller, allowance, body.read::<NewUpload>()?).await?)
}

pub(super) async fn get(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&files::upload(&core, &caller, upload(&req)?).await?)
}

pub(super) async fn list(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&files::uploads(&core, &caller, user(&req, &caller)?).await?)
}

/// Receives the next bytes: 201 with the file if they were the last, 204 if more are missing.
pub(super) async fn send(
    core: AppCore,
    caller: Caller,
    allowance: Allowance,
    req: HttpRequest,
    body: web::Payload,
) -> Answer {
    let length = told_length(&req).filter(|_| !is_form(&req));
    let upload = files::go_on(&core, &caller, allowance, (upload(&req)?, length)).await?;
    let info = if is_form(&req) {
        let mut form = Multipart::new(req.headers(), body);
        let part = next_part(&mut form).await?.ok_or_else(|| Error::body("data"))?;
        take(upload, Inflow::new(part)).await?
    } else {
        take(upload, Inflow::new(body)).await?
    };
    match info {
        Some(info) => created(&info),
        None => Ok(HttpResponse::NoContent().finish()),
    }
}

async fn take<S, E>(mut upload: Continuation, mut from: Inflow<S>) -> Result<Option<FileInfo>>
where
    S: futures_util::Stream<Item = std::result::Result<web::Bytes, E>> + Unpin,
    E: Cut,
{
    loop {
        match from.next().await {
            Ok(Some(bytes)) => upload.take(bytes).await?,
            Ok(None) => return upload.end().await,
            Err(cut) => {
                upload.pause().await?;
                return Err(cut);
            }
        }
    }
}

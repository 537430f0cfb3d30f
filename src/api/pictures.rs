//! Pictures of people and teams.

use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse, http::header};

use super::error::Answer;
use super::extract::{self, AppCore};
use super::form::{Form, Names};
use super::respond::{done, is_known};
use crate::services::auth::Caller;
use crate::services::{teams, users};
use crate::wire::TeamId;

/// The most bytes of an uploaded picture.
const MOST: usize = 16 << 20;

const OF_PERSON: Names = Names {
    too_large: "api.user.upload_profile_user.too_large.app_error",
    unreadable: "api.user.upload_profile_user.parse.app_error",
    no_file: "api.user.upload_profile_user.no_file.app_error",
    many_files: "api.user.upload_profile_user.array.app_error",
};

const OF_TEAM: Names = Names {
    too_large: "api.team.set_team_icon.too_large.app_error",
    unreadable: "api.team.set_team_icon.parse.app_error",
    no_file: "api.team.set_team_icon.no_file.app_error",
    many_files: "api.team.set_team_icon.array.app_error",
};

pub(super) async fn of_user(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let user = extract::user(&req, &caller)?;
    let picture = users::picture(&core, &caller, user).await?;
    let shown =
        PictureResponse { mime: "image/png", etag: picture.etag.clone(), cache: "max-age=300, private" };
    if shown.is_known(&req) {
        return Ok(shown.unchanged());
    }
    Ok(shown.answer(picture.read(&core).await?))
}

/// The generated picture, even if the account has one of its own.
pub(super) async fn default_of_user(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let user = extract::user(&req, &caller)?;
    let picture = users::default_picture(&core, &caller, user).await?;
    let shown =
        PictureResponse { mime: "image/png", etag: picture.etag.clone(), cache: "max-age=86400, private" };
    if shown.is_known(&req) {
        return Ok(shown.unchanged());
    }
    Ok(shown.answer(picture.read(&core).await?))
}

pub(super) async fn set_of_user(core: AppCore, caller: Caller, req: HttpRequest, body: Payload) -> Answer {
    let sitter = users::sitter(&core, &caller, extract::user(&req, &caller)?).await?;
    let file = Form::read(&req, body, MOST, OF_PERSON).await?.file("image")?;
    users::set_picture(&core, sitter, file).await?;
    done()
}

pub(super) async fn reset_of_user(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let sitter = users::sitter(&core, &caller, extract::user(&req, &caller)?).await?;
    users::reset_picture(&core, sitter).await?;
    done()
}

pub(super) async fn of_team(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let team: TeamId = extract::id(&req)?;
    let icon = teams::icon(&core, &caller, team).await?;
    let shown =
        PictureResponse { mime: "image/png", etag: icon.etag.clone(), cache: "max-age=86400, private" };
    if shown.is_known(&req) {
        return Ok(shown.unchanged());
    }
    Ok(shown.answer(icon.read(&core).await?))
}

pub(super) async fn set_of_team(core: AppCore, caller: Caller, req: HttpRequest, body: Payload) -> Answer {
    let team: TeamId = extract::id(&req)?;
    let file = Form::read(&req, body, MOST, OF_TEAM).await?.file("image")?;
    teams::set_icon(&core, &caller, team, file).await?;
    done()
}

pub(super) async fn remove_of_team(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    teams::remove_icon(&core, &caller, extract::id(&req)?).await?;
    done()
}

/// A picture to be sent. Whatever it contains, a browser that opens it by itself runs no scripts.
pub(super) struct PictureResponse {
    pub(super) mime: &'static str,
    pub(super) etag: String,
    pub(super) cache: &'static str,
}

impl PictureResponse {
    /// Whether the client has the picture already.
    pub(super) fn is_known(&self, req: &HttpRequest) -> bool {
        is_known(req, &self.quoted())
    }

    /// The answer 304.
    pub(super) fn unchanged(&self) -> HttpResponse {
        let mut response = HttpResponse::NotModified();
        response.insert_header((header::CACHE_CONTROL, self.cache));
        response.insert_header((header::ETAG, self.quoted())).finish()
    }

    /// The answer 200 with the file.
    pub(super) fn answer(&self, file: Bytes) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, self.cache))
            .insert_header((header::ETAG, self.quoted()))
            .insert_header((header::CONTENT_TYPE, self.mime))
            .insert_header((header::CONTENT_DISPOSITION, "inline"))
            .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(file)
    }

    fn quoted(&self) -> String {
        format!("\"{}\"", self.etag)
    }
}

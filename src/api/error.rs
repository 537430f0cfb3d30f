//! Errors over HTTP: the one place where the kind of an error becomes a status and a body.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Value, json};

use crate::error::{Error, Kind};
use crate::telemetry::request_id;
use crate::wire::to_text;

/// An error that is sent to a client.
#[derive(Debug)]
pub struct ApiError(pub Error);

/// The result of a handler.
pub type Answer = Result<HttpResponse, ApiError>;

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// The status of a kind of error. A conflict is 400 in this protocol.
pub fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid | Kind::Conflict => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::Late => StatusCode::REQUEST_TIMEOUT,
        Kind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Kind::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Kind::NotBuilt => StatusCode::NOT_IMPLEMENTED,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        status(self.0.kind)
    }

    fn error_response(&self) -> HttpResponse {
        let error = &self.0;
        if error.is_ours() {
            tracing::error!(request_id = request_id(), error = %error, "request failed");
        }
        let status = self.status_code();
        let mut response = HttpResponse::build(status);
        if let Kind::TooMany { retry_after } | Kind::Unavailable { retry_after } = error.kind {
            response.insert_header((header::RETRY_AFTER, retry_after));
        }
        response.insert_header((header::CONTENT_TYPE, "application/json")).body(to_text(&body(error)))
    }
}

/// The body of an error, as every client knows it.
pub fn body(error: &Error) -> Value {
    json!({
        "id": error.id,
        "message": error.message,
        "detailed_error": "",
        "request_id": request_id(),
        "status_code": status(error.kind).as_u16(),
    })
}

/// The error for a path that does not exist.
pub fn no_such_path() -> Error {
    Error::not_found("api.context.404.app_error", "Sorry, we could not find the page.")
}

//! Answers.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::error::Answer;
use crate::wire::{OK, to_text};

/// JSON with `status`. The content type has no parameters: clients compare it to the letter.
pub fn json<T: Serialize + ?Sized>(status: StatusCode, body: &T) -> HttpResponse {
    HttpResponse::build(status).insert_header((header::CONTENT_TYPE, "application/json")).body(to_text(body))
}

/// 200 with a body.
pub fn found<T: Serialize + ?Sized>(body: &T) -> Answer {
    Ok(json(StatusCode::OK, body))
}

/// 201 with what was made.
pub fn created<T: Serialize + ?Sized>(body: &T) -> Answer {
    Ok(json(StatusCode::CREATED, body))
}

/// 200 `{"status": "OK"}`.
pub fn done() -> Answer {
    found(&OK)
}

/// Whether the client has the entity tag `etag` (in quotes) already.
pub fn is_known(req: &HttpRequest, etag: &str) -> bool {
    let known = req.headers().get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    known.is_some_and(|k| k.split(',').any(|k| k.trim() == etag))
}

/// 200 with a body under `etag`, or 304 without one where the client has it already.
pub fn found_unless_known<T: Serialize + ?Sized>(req: &HttpRequest, etag: &str, body: &T) -> Answer {
    let etag = format!("\"{etag}\"");
    if is_known(req, &etag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, etag)).finish());
    }
    let mut response = json(StatusCode::OK, body);
    if let Ok(value) = header::HeaderValue::from_str(&etag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    Ok(response)
}

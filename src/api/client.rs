//! The browser client: embedded files, and its page for every path that is a view of it. The page's security headers
//! are set with those of every answer, in `headers`.

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use rust_embed::RustEmbed;

use super::address::RequestOrg;
use super::error::{Answer, ApiError, no_such_path};
use super::unbuilt;

#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Files;

/// The base element of the built page.
const BASE: &str = "<base href=\"/\"";

/// The element that browsers without scripts show.
const NO_SCRIPT: &str = "<noscript>";

/// The page that is served where the client was not built into the binary.
const NOT_BUILT: &str = "<!doctype html><meta charset=\"utf-8\"><title>rustchat</title>\
    <h1>rustchat is running</h1>\
    <p>Its API answers under <code>/api/v4</code>. The browser client was not built into this binary: \
    with Node 20.19 or newer, run <code>make web</code> and build again, or start with <code>make run</code>.</p>";

/// Serves every path that is no operation of the API: a file of the client, or the client's page.
pub(super) async fn serve(home: Option<RequestOrg>, req: HttpRequest) -> Answer {
    let path = req.path().trim_start_matches('/');
    if let Some(unbuilt) = unbuilt::error(req.method().as_str(), req.path()) {
        return Err(ApiError(unbuilt));
    }
    let asks = matches!(*req.method(), Method::GET | Method::HEAD);
    if !asks || path.starts_with("api/") || path == "api" {
        return Err(ApiError(no_such_path()));
    }
    if let Some(file) = Files::get(path).filter(|_| path != "index.html") {
        return Ok(answer(&req, path, file));
    }
    // A path outside of every organisation is a file or nothing.
    let home = home.ok_or_else(no_such_path)?;
    if path.rsplit('/').next().is_some_and(|name| name.contains('.') && !name.starts_with('@'))
        && !is_view(path)
    {
        return Err(ApiError(no_such_path()));
    }
    Ok(match Files::get("index.html") {
        Some(page) => index(&req, home.path(), page),
        None => html(HttpResponse::Ok()).body(NOT_BUILT),
    })
}

/// The client's page. It finds everything relative to its base element, which is the organisation's path.
fn index(req: &HttpRequest, base: &str, page: rust_embed::EmbeddedFile) -> HttpResponse {
    let etag = format!("\"{}{}\"", hash(&page), base.replace('/', "."));
    if is_known(req, &etag) {
        return HttpResponse::NotModified().insert_header((header::ETAG, etag)).finish();
    }
    html(HttpResponse::Ok())
        .insert_header((header::ETAG, etag))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(based(base, &page))
}

/// The client's page for an address that leads to no organisation, or to one that is suspended: its requests get the
/// same error. `path` is where the organisation would be, if it is fit to be written into a page.
pub(super) fn refusal(error: &ApiError, path: &str) -> HttpResponse {
    let mut response = html(HttpResponse::build(error.status_code()));
    let is_plain = path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_".contains(&b));
    match Files::get("index.html").filter(|_| is_plain) {
        // For browsers without scripts.
        Some(page) => response
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .body(based(path, &page).replacen(NO_SCRIPT, &format!("<noscript>{} ", error.0.message), 1)),
        None => response.body(format!(
            "<!doctype html><meta charset=\"utf-8\"><title>rustchat</title><h1>{}</h1>",
            error.0.message
        )),
    }
}

/// The page with its base element set.
fn based(path: &str, page: &rust_embed::EmbeddedFile) -> String {
    String::from_utf8_lossy(&page.data).replacen(BASE, &format!("<base href=\"{path}\""), 1)
}

/// Whether a path with a dot is a view: user names may have dots, as in `/team/messages/@ann.lee`.
fn is_view(path: &str) -> bool {
    path.contains("/messages/@") || path.contains("/channels/") || path.contains("/pl/")
}

fn answer(req: &HttpRequest, path: &str, file: rust_embed::EmbeddedFile) -> HttpResponse {
    let etag = format!("\"{}\"", hash(&file));
    if is_known(req, &etag) {
        return HttpResponse::NotModified().insert_header((header::ETAG, etag)).finish();
    }
    // Names below assets/ contain a hash of their content: new content has a new name.
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = typed(path);
    response.insert_header((header::ETAG, etag)).insert_header((header::CACHE_CONTROL, cache));
    response.body(file.data.into_owned())
}

/// A hash of a file's content, for its entity tag.
fn hash(file: &rust_embed::EmbeddedFile) -> String {
    let start = file.metadata.sha256_hash().get(..16).unwrap_or_default().to_vec();
    crate::wire::id::encode(uuid::Uuid::from_slice(&start).unwrap_or_default())
}

fn is_known(req: &HttpRequest, etag: &str) -> bool {
    req.headers().get(header::IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == etag.as_bytes())
}

fn typed(path: &str) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.content_type(mime_guess::from_path(path).first_or_octet_stream().as_ref());
    response
}

fn html(mut response: actix_web::HttpResponseBuilder) -> actix_web::HttpResponseBuilder {
    response.content_type("text/html; charset=utf-8");
    response
}

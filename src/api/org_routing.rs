//! Finds the organisation of a request, before anything else is decided: by the path prefix `/o/<slug>`, which is
//! removed so that everything behind it is routed as at the root; else by the host name; else it is the default one.
//! Requests to unknown and suspended organisations end here. Handlers get a [`RequestOrg`].

use actix_web::HttpMessage;
use actix_web::ResponseError;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Uri;
use actix_web::middleware::Next;

use super::address::{RequestOrg, host};
use super::app_core::AppCore;
use super::client;
use super::error::ApiError;
use crate::error::{Error, Kind};
use crate::services::platform::addresses::Address;

/// The beginning of the paths of organisations.
const PREFIX: &str = "/o/";

/// Finds the organisation of a request, and passes the request on as if it had been sent to the root.
pub async fn redirect_to_own_address<B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let path = split(req.path()).map_or("/".to_owned(), |(slug, _)| format!("{PREFIX}{slug}/"));
    match enter(&mut req, &path).await {
        Ok(()) => Ok(next.call(req).await?.map_into_left_body()),
        Err(error) => {
            let refused =
                if is_api(req.path()) { error.error_response() } else { client::refusal(&error, &path) };
            Ok(req.into_response(refused).map_into_right_body())
        }
    }
}

/// Finds the organisation of a request, and attaches it to the request; `path` is the path below which it lies.
async fn enter(req: &mut ServiceRequest, path: &str) -> Result<(), ApiError> {
    let prefix = split(req.path()).map(|(slug, rest)| (slug.to_owned(), rest.to_owned()));
    let address = match prefix {
        Some((slug, rest)) => {
            take_off(req, &slug, &rest)?;
            Address::Slug(slug)
        }
        None => Address::Host(name(&host(req.request()))),
    };
    if !belongs_to_somebody(req.path()) {
        return Ok(());
    }
    let core = req.app_data::<AppCore>().ok_or_else(|| Error::internal("no core in the app"))?.clone();
    let org = core.addresses.find(&core.pool, address).await?.ok_or_else(unknown)?;
    if org.is_suspended {
        return Err(suspended().into());
    }
    req.extensions_mut().insert(RequestOrg { org, path: path.into() });
    Ok(())
}

/// The slug of a path, and what follows it: at least a slash.
fn split(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix(PREFIX)?;
    let (slug, rest) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    (!slug.is_empty()).then_some((slug, rest))
}

/// Rewrites the request's path to what follows the prefix.
fn take_off(req: &mut ServiceRequest, slug: &str, rest: &str) -> Result<(), Error> {
    let query = req.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let uri: Uri = format!("{rest}{query}").parse().map_err(|e| {
        tracing::debug!(slug, error = %e, "a path that is none");
        Error::param("url")
    })?;
    req.match_info_mut().get_mut().update(&uri);
    req.head_mut().uri = uri;
    Ok(())
}

/// Whether a path belongs to an organisation: the client's own files and the health checks are the same for all.
fn belongs_to_somebody(path: &str) -> bool {
    !(path.starts_with("/assets/") || path == "/livez" || path == "/readyz")
}

/// Whether clients expect errors of the protocol at this path, and not a page.
fn is_api(path: &str) -> bool {
    ["/api", "/hooks", "/files"]
        .iter()
        .any(|start| path.strip_prefix(start).is_some_and(|rest| rest.starts_with('/')))
}

/// A host in lower case and without its port.
fn name(host: &str) -> String {
    let port = host.rfind(':').filter(|at| host.bytes().skip(at + 1).all(|b| b.is_ascii_digit()));
    host.get(..port.unwrap_or(host.len())).unwrap_or(host).trim_end_matches('.').to_lowercase()
}

fn unknown() -> Error {
    Error::not_found("api.organization.not_found.app_error", "There is no organization at this address.")
}

fn suspended() -> Error {
    Error::new(
        Kind::Forbidden,
        "api.organization.suspended.app_error",
        "This organization is suspended. Please contact the operator of the server.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_taken_off() {
        for (path, expected) in [
            ("/o/acme", Some(("acme", "/"))),
            ("/o/acme/", Some(("acme", "/"))),
            ("/o/acme/api/v4/users/me", Some(("acme", "/api/v4/users/me"))),
            ("/o/acme/o/acme/", Some(("acme", "/o/acme/"))),
            ("/o/", None),
            ("/o//api", None),
            ("/o", None),
            ("/office/api", None),
            ("/api/v4/o/acme", None),
        ] {
            assert_eq!(split(path), expected, "{path}");
        }
    }

    #[test]
    fn a_host_loses_its_port() {
        for (host, expected) in [
            ("Chat.Example.org:8065", "chat.example.org"),
            ("chat.example.org.", "chat.example.org"),
            ("[::1]:80", "[::1]"),
            ("[::1]", "[::1]"),
            ("", ""),
        ] {
            assert_eq!(name(host), expected, "{host}");
        }
    }
}

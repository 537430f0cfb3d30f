//! Limits the concurrent reads of one account, so that connections to the database remain for others.

use actix_web::HttpMessage;
use actix_web::ResponseError;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::web;

use super::error::ApiError;
use crate::services::auth::Caller;
use crate::services::platform::limits::Shares;
use crate::wire::UserId;

/// The most waiting reads of one account; a browser has only a few under way.
const MOST_WAITING: usize = 200;

/// The shares of accounts in the connections to the database: one account uses at most half of them.
pub struct Reads(Shares);

impl Reads {
    /// The shares in `connections` connections.
    pub fn of(connections: usize) -> Self {
        Self(Shares::new((connections / 2).max(1), MOST_WAITING))
    }
}

/// Runs a read when it is its account's turn. The caller was identified before, by the rate limit; writes are short, or
/// wait for their client, and have an order of their own.
pub async fn take_turns<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let caller = req.extensions().get::<Caller>().map(|caller| caller.id).filter(|_| is_question(&req));
    let (Some(user), Some(reads)) = (caller, req.app_data::<web::Data<Reads>>().cloned()) else {
        return Ok(next.call(req).await?.map_into_left_body());
    };
    match reads.0.turn(user).await {
        Ok(_turn) => Ok(next.call(req).await?.map_into_left_body()),
        Err(error) => Ok(req.into_response(ApiError(error).error_response()).map_into_right_body()),
    }
}

/// Last parts of the paths of lists that are requested with a body.
const LISTS: &[&str] =
    &["search", "ids", "usernames", "names", "group_channels", "reactions", "member_count"];

fn is_question(req: &ServiceRequest) -> bool {
    let (_, path) = req.path().split_once("/api/v4/").unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let is_list = parts.len() > 1 && parts.last().is_some_and(|last| LISTS.contains(last));
    if req.method() == Method::GET { !is_file(&parts) } else { is_list }
}

/// Whether a path is that of a file or picture, which come from elsewhere and hold no connection meanwhile.
fn is_file(parts: &[&str]) -> bool {
    match parts {
        ["image"] | ["files", _] | ["files", _, "preview" | "thumbnail"] => true,
        ["users" | "teams" | "emoji", id, "image"] => *id == "me" || id.parse::<UserId>().is_ok(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn what_holds_a_connection_waits_for_its_turn() {
        let id = UserId::new();
        for (method, path, waits) in [
            (Method::GET, "/api/v4/channels/x/posts".to_owned(), true),
            (Method::GET, "/o/north/api/v4/users".to_owned(), true),
            (Method::POST, "/api/v4/posts/ids".to_owned(), true),
            (Method::POST, "/api/v4/teams/x/posts/search".to_owned(), true),
            (Method::POST, "/api/v4/posts/ids/reactions".to_owned(), true),
            (Method::GET, "/api/v4/teams/name/image".to_owned(), true),
            (Method::GET, "/api/v4/teams/name/files/channels/name/image".to_owned(), true),
            (Method::GET, format!("/api/v4/files/{id}/info"), true),
            (Method::GET, format!("/api/v4/files/{id}"), false),
            (Method::GET, format!("/api/v4/files/{id}/preview"), false),
            (Method::GET, format!("/api/v4/users/{id}/image"), false),
            (Method::GET, "/api/v4/image".to_owned(), false),
            (Method::GET, "/o/files/api/v4/image".to_owned(), false),
            (Method::POST, "/api/v4/posts".to_owned(), false),
            (Method::POST, "/api/v4/reactions".to_owned(), false),
            (Method::POST, "/api/v4/files".to_owned(), false),
        ] {
            let request = TestRequest::with_uri(&path).method(method).to_srv_request();
            assert_eq!(is_question(&request), waits, "{path}");
        }
    }
}

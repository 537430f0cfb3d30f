//! The error type of the services, by meaning. The response that a client sees (status, body) is decided in
//! `api::error` and, on a socket, in `actors::session`; nothing here knows HTTP.

mod conversions;

use std::borrow::Cow;

/// A result whose error is [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// The meaning of a failure for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request itself is wrong; repeating it does not help.
    Invalid,
    /// The request conflicts with something that exists: a taken name, a second membership.
    Conflict,
    /// There is no session, or it has ended.
    Unauthenticated,
    /// The caller lacks a permission.
    Forbidden,
    /// The requested object does not exist, or the caller must not know that it does.
    NotFound,
    /// The request or an object in it is larger than the limit.
    TooLarge,
    /// The request's body did not arrive in the time allowed.
    Late,
    /// The request has an encoding that is not supported.
    Unsupported,
    /// The client sent too many requests.
    TooMany {
        /// Seconds until another try can succeed.
        retry_after: u32,
    },
    /// A part of the server is away or overloaded.
    Unavailable {
        /// Seconds until another try can succeed.
        retry_after: u32,
    },
    /// The feature is switched off, or not implemented.
    NotBuilt,
    /// A bug or an unexpected answer of a dependency; the detail goes to the log, never to the client.
    Internal,
}

/// A failure: its meaning, the dotted name that clients know it by, and a sentence for people.
#[derive(Debug, thiserror::Error)]
#[error("{id}: {message}{}", .detail.as_deref().map(|d| format!(" ({d})")).unwrap_or_default())]
pub struct Error {
    /// The meaning.
    pub kind: Kind,
    /// The protocol's dotted name, for example `api.context.permissions.app_error`.
    pub id: &'static str,
    /// A sentence for people, in English.
    pub message: Cow<'static, str>,
    /// The detail for the log, which clients do not get.
    pub detail: Option<String>,
}

impl Error {
    /// An error of `kind` by its protocol name and a sentence.
    pub fn new(kind: Kind, id: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, id, message: message.into(), detail: None }
    }

    /// The request is invalid; `id` is the protocol's name for the error.
    pub fn invalid(id: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Invalid, id, message)
    }

    /// A field of the body is missing, of the wrong type or out of bounds.
    pub fn body(field: &str) -> Self {
        Self::invalid(
            "api.context.invalid_body_param.app_error",
            format!("Invalid or missing {field} in request body."),
        )
    }

    /// A parameter of the path or the query is missing or invalid.
    pub fn param(name: &str) -> Self {
        Self::invalid(
            "api.context.invalid_url_param.app_error",
            format!("Invalid or missing {name} parameter in request URL."),
        )
    }

    /// There is no session, or it has ended.
    pub fn unauthenticated() -> Self {
        Self::new(
            Kind::Unauthenticated,
            "api.context.session_expired.app_error",
            "Invalid or expired session, please login again.",
        )
    }

    /// The caller may not do this, or may not know whether it exists.
    pub fn forbidden() -> Self {
        Self::new(
            Kind::Forbidden,
            "api.context.permissions.app_error",
            "You do not have the appropriate permissions.",
        )
    }

    /// The requested object does not exist.
    pub fn not_found(id: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::NotFound, id, message)
    }

    /// A conflict with something that exists.
    pub fn conflict(id: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Conflict, id, message)
    }

    /// The request is larger than the limit; `id` is the protocol's name for the error.
    pub fn too_large(id: &'static str) -> Self {
        Self::new(Kind::TooLarge, id, "It is larger than the limit.")
    }

    /// A part of the server is away; `detail` names it for the log.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self {
            kind: Kind::Unavailable { retry_after: 1 },
            id: "api.context.server_busy.app_error",
            message: "Server is busy, non-critical services are temporarily unavailable.".into(),
            detail: Some(detail.into()),
        }
    }

    /// A bug or an unexpected answer; `detail` is for the log alone.
    pub fn internal(detail: impl Into<String>) -> Self {
        Self {
            kind: Kind::Internal,
            id: "api.context.internal.app_error",
            message: "An internal error occurred. The request id finds it in the server's log.".into(),
            detail: Some(detail.into()),
        }
    }

    /// A copy of the error, for another request that waited for the same work.
    pub fn again(&self) -> Self {
        Self { kind: self.kind, id: self.id, message: self.message.clone(), detail: self.detail.clone() }
    }

    /// Whether this is the server's own fault, which is logged where it is answered.
    pub fn is_ours(&self) -> bool {
        matches!(self.kind, Kind::Internal | Kind::Unavailable { .. })
    }
}

//! An operation of the API, as tests and the dispatcher know it.

/// An operation that is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// The whole path; a part in braces matches any text.
    pub path: &'static str,
    /// Whether it is answered without a login.
    pub open: bool,
}

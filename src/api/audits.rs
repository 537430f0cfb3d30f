//! The audit log, for administrators. An account's own entries are served with the accounts.

use std::str::FromStr;

use super::error::Answer;
use super::extract::{AppCore, Page, Params};
use super::respond::found;
use crate::error::Error;
use crate::services::auth::Caller;
use crate::services::auth::audits::{self, AuditQuery};
use crate::wire::id;

/// The audit log in the protocol's pages, with filters of ours where the query has them.
pub(super) async fn all(core: AppCore, caller: Caller, params: Params, page: Page) -> Answer {
    let asked = AuditQuery {
        actor: params.id("user_id")?,
        action: params.text("action").map(str::to_owned),
        subject_kind: params.text("subject_kind").map(str::to_owned),
        subject: params
            .text("subject_id")
            .map(id::decode)
            .transpose()
            .ok()
            .ok_or(Error::param("subject_id"))?,
        outcome: params.text("outcome").map(str::to_owned),
        since: time(&params, "since")?,
        until: time(&params, "until")?,
    };
    found(&audits::all(&core, &caller, asked, page.range()).await?)
}

/// A time in milliseconds since 1970. One that cannot be parsed is refused: a filter that is silently ignored would
/// show entries that were not asked for.
fn time(params: &Params, name: &str) -> Result<Option<i64>, Error> {
    params.text(name).map(i64::from_str).transpose().ok().ok_or_else(|| Error::param(name))
}

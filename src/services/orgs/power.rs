//! The authority to manage organisations, as values: the functions that need it take it as an argument.

use crate::error::{Error, Result};
use crate::services::auth::audits::{self, Subject};
use crate::services::auth::{Caller, Operator};
use crate::services::platform::Tx;
use crate::wire::OrgId;

/// Proof of authority over the whole deployment.
#[derive(Debug, Clone, Copy)]
pub enum DeploymentAuthority<'a> {
    /// An operator.
    Operator(Operator<'a>),
    /// A person who may run the program on the server's own machine.
    Console,
}

/// Proof of authority over one organisation.
#[derive(Debug, Clone, Copy)]
pub enum OrgAuthority<'a> {
    /// Over everything in every organisation.
    All(DeploymentAuthority<'a>),
    /// Over what administrators may change in their own organisation.
    Own(&'a Caller),
}

/// The caller's authority over `org`: operators have it over every organisation, administrators over their own. Anybody
/// else gets the same error, whether the organisation exists or not.
pub fn say(caller: &Caller, org: OrgId) -> Result<OrgAuthority<'_>> {
    if let Ok(operator) = caller.operator() {
        return Ok(OrgAuthority::All(DeploymentAuthority::Operator(operator)));
    }
    if caller.org != org {
        return Err(Error::forbidden());
    }
    caller.admin()?;
    Ok(OrgAuthority::Own(caller))
}

impl<'a> OrgAuthority<'a> {
    /// The caller; `None` on the command line.
    pub(super) fn caller(self) -> Option<&'a Caller> {
        match self {
            Self::All(DeploymentAuthority::Operator(operator)) => Some(operator.caller()),
            Self::All(DeploymentAuthority::Console) => None,
            Self::Own(caller) => Some(caller),
        }
    }
}

/// Writes an audit entry about something in `org`: to the log of the caller's organisation and, if that is another, to
/// that of `org` too, without the caller's name, which means nothing there.
pub(crate) async fn note(
    tx: &mut Tx,
    say: OrgAuthority<'_>,
    org: OrgId,
    action: &'static str,
    subject: impl Into<Subject>,
) -> Result<()> {
    write(tx, say, org, action, (subject.into(), "")).await
}

/// Writes an audit entry about `org` itself; `extra` adds details for readers.
pub(super) async fn note_more(
    tx: &mut Tx,
    say: OrgAuthority<'_>,
    org: OrgId,
    action: &'static str,
    extra: &str,
) -> Result<()> {
    write(tx, say, org, action, (org.into(), extra)).await
}

async fn write(
    tx: &mut Tx,
    say: OrgAuthority<'_>,
    org: OrgId,
    action: &'static str,
    (subject, extra): (Subject, &str),
) -> Result<()> {
    let caller = say.caller();
    if let Some(caller) = caller {
        audits::note(tx, caller, action, subject, extra).await?;
    }
    let by = match caller {
        Some(caller) if caller.org == org => return Ok(()),
        Some(_) => "by an operator",
        None => "by the command line",
    };
    audits::from_outside(tx, org, action, subject, format!("{by} {extra}").trim_end()).await
}

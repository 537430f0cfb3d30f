//! On whose authority organisations are seen to, as values: what needs it takes it.

use crate::error::{Error, Result};
use crate::services::audits::{self, Subject};
use crate::services::auth::{Caller, Operator};
use crate::services::core::Tx;
use crate::wire::OrgId;

/// Proof of a say over the whole deployment.
#[derive(Debug, Clone, Copy)]
pub enum DeploymentAuthority<'a> {
    /// An operator.
    Operator(Operator<'a>),
    /// Whoever may run the program on the server's own machine.
    Console,
}

/// Proof of a say in one organisation.
#[derive(Debug, Clone, Copy)]
pub enum OrgAuthority<'a> {
    /// In everything of every organisation.
    All(DeploymentAuthority<'a>),
    /// In what is an administrator's, of their own organisation.
    Own(&'a Caller),
}

/// What the caller has to say in `org`: an operator in every one, an administrator in their own. To everybody else all
/// organisations look as if there were none.
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
    /// Whose; none of the command line.
    pub(super) fn caller(self) -> Option<&'a Caller> {
        match self {
            Self::All(DeploymentAuthority::Operator(operator)) => Some(operator.caller()),
            Self::All(DeploymentAuthority::Console) => None,
            Self::Own(caller) => Some(caller),
        }
    }
}

/// Writes down what was done to something of `org`: in the log of who did it, and, where that is not the organisation's
/// own, in the organisation's too, without a name that means nothing there.
pub(super) async fn note(
    tx: &mut Tx,
    say: OrgAuthority<'_>,
    org: OrgId,
    action: &'static str,
    subject: impl Into<Subject>,
) -> Result<()> {
    write(tx, say, org, action, (subject.into(), "")).await
}

/// The same of what was done to `org` itself; `extra` says more, for people.
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

//! Organisations: endpoints of our own, for operators and for administrators of one (`docs/ORGANISATIONS.md`).

use actix_web::HttpRequest;

use super::error::Answer;
use super::extract::{self, AppCore, Body, Page};
use super::respond::{created, done, found};
use crate::error::Error;
use crate::services::auth::Caller;
use crate::services::orgs::{self, DeploymentAuthority, say};
use crate::services::users;
use crate::wire::OrgId;

/// The organisation of the path: an identifier, or `current` for the caller's own.
fn org(req: &HttpRequest, caller: &Caller) -> Result<OrgId, Error> {
    if extract::part(req, "org_id") == "current" { Ok(caller.org) } else { extract::id(req) }
}

fn power(caller: &Caller) -> Result<DeploymentAuthority<'_>, Error> {
    caller.operator().map(DeploymentAuthority::Operator)
}

pub(super) async fn create(core: AppCore, caller: Caller, body: Body) -> Answer {
    let power = power(&caller)?;
    created(&users::create_org(&core, power, body.read()?).await?)
}

pub(super) async fn list(core: AppCore, caller: Caller, page: Page) -> Answer {
    found(&orgs::list(&core, power(&caller)?, page.offset, page.limit).await?)
}

pub(super) async fn get(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let org = org(&req, &caller)?;
    found(&orgs::get(&core, say(&caller, org)?, org).await?)
}

pub(super) async fn patch(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let org = org(&req, &caller)?;
    let say = say(&caller, org)?;
    found(&orgs::patch(&core, say, org, body.read()?).await?)
}

pub(super) async fn suspend(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&orgs::suspend(&core, power(&caller)?, org(&req, &caller)?).await?)
}

pub(super) async fn resume(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&orgs::resume(&core, power(&caller)?, org(&req, &caller)?).await?)
}

pub(super) async fn delete(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    orgs::delete(&core, power(&caller)?, org(&req, &caller)?).await?;
    done()
}

pub(super) async fn usage(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let org = org(&req, &caller)?;
    found(&orgs::usage(&core, say(&caller, org)?, org).await?)
}

pub(super) async fn members(core: AppCore, caller: Caller, req: HttpRequest, page: Page) -> Answer {
    let org = org(&req, &caller)?;
    found(&orgs::members(&core, say(&caller, org)?, org, page.offset, page.limit).await?)
}

pub(super) async fn admins(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let org = org(&req, &caller)?;
    found(&orgs::admins(&core, say(&caller, org)?, org).await?)
}

pub(super) async fn make_admin(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let (org, user) = (org(&req, &caller)?, extract::user(&req, &caller)?);
    orgs::make_admin(&core, say(&caller, org)?, org, user).await?;
    done()
}

pub(super) async fn unmake_admin(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let (org, user) = (org(&req, &caller)?, extract::user(&req, &caller)?);
    orgs::unmake_admin(&core, say(&caller, org)?, org, user).await?;
    done()
}

pub(super) async fn operators(core: AppCore, caller: Caller) -> Answer {
    found(&orgs::operators(&core, power(&caller)?).await?)
}

pub(super) async fn add_operator(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let power = power(&caller)?;
    orgs::add_operator(&core, power, extract::user(&req, &caller)?).await?;
    done()
}

pub(super) async fn remove_operator(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let power = power(&caller)?;
    orgs::remove_operator(&core, power, extract::user(&req, &caller)?).await?;
    done()
}

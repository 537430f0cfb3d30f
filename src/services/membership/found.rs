//! Creating a team.

use super::enter::{Welcome, welcome};
use crate::db::channels::NewChannel;
use crate::db::{self};
use crate::error::{Error, Result};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, accounts, audits};
use crate::services::channels::{OFF_TOPIC, TOWN_SQUARE};
use crate::services::membership::Core;
use crate::services::platform::Tx;
use crate::services::teams::{self, NewTeam, TeamDetail};
use crate::wire::{ChannelId, ChannelKind, Team, TeamId};

/// Creates a team with its two first channels. The caller becomes its administrator.
pub async fn create_team(core: &Core, caller: &Caller, new: NewTeam) -> Result<Team> {
    new.check()?;
    caller.require(Permission::CreateTeam)?;
    let mut tx = core.begin().await?;
    let founder = db::users::find(&mut tx, caller.org, caller.id).await?.ok_or_else(accounts::missing)?;
    let row = db::teams::NewTeam {
        id: TeamId::new(),
        org_id: caller.org,
        kind: &new.kind,
        name: &new.name,
        display_name: new.display_name.trim(),
        description: &new.description,
        email: &founder.email,
        company_name: &new.company_name,
        allowed_domains: &new.allowed_domains,
        invite_id: &teams::new_invite(),
        allow_open_invite: new.allow_open_invite,
    };
    let made = db::teams::insert(&mut tx, &row).await;
    let team = made.map_err(|e| db::translate(e, &[("teams_name_key", taken)]))?;
    first_channels(&mut tx, caller, team.id).await?;
    welcome(core, &mut tx, &team, &founder, Welcome::Founder).await?;
    audits::note(&mut tx, caller, "/api/v4/teams", team.id, "created").await?;
    tx.commit().await?;
    Ok(teams::shape(team, TeamDetail::Admin))
}

async fn first_channels(tx: &mut Tx, caller: &Caller, team: TeamId) -> Result<()> {
    for (name, display_name) in [(TOWN_SQUARE, "Town Square"), (OFF_TOPIC, "Off-Topic")] {
        let new = NewChannel {
            id: ChannelId::new(),
            org_id: caller.org,
            team_id: Some(team),
            kind: ChannelKind::Public,
            name,
            display_name,
            header: "",
            purpose: "",
            creator_id: None,
            team_scheme_id: None,
        };
        db::channels::insert(tx, &new).await?;
    }
    Ok(())
}

fn taken() -> Error {
    Error::conflict("app.team.save.existing.app_error", "Must call update for existing team.")
}

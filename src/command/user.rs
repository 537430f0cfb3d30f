//! `rustchat user …`

use clap::Subcommand;
use rustchat::error::Result;
use rustchat::services::operation::console;
use rustchat::services::orgs::{self, DeploymentAuthority, OrgAuthority};
use rustchat::services::{Core, users};
use rustchat::wire::OrgId;

use super::{password, print};

/// Accounts that one page of the list shows.
const PAGE: i64 = 200;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists the accounts of an organisation.
    List {
        /// The organisation's slug.
        #[arg(long, default_value = orgs::DEFAULT)]
        org: String,
        /// The number of the page, from 0; a page has 200 entries.
        #[arg(long, default_value_t = 0)]
        page: i64,
    },
    /// Makes an account; its password is read from the standard input. The first of an organisation administrates it.
    Create {
        username: String,
        #[arg(long)]
        email: String,
        /// The organisation's slug.
        #[arg(long, default_value = orgs::DEFAULT)]
        org: String,
    },
    /// Replaces a password, which is read from the standard input, and ends all sessions; an account that is locked
    /// by wrong passwords is unlocked.
    Password {
        /// A user name or an e-mail address.
        user: String,
        /// The organisation's slug.
        #[arg(long, default_value = orgs::DEFAULT)]
        org: String,
    },
    /// Clears the count of wrong passwords of an account, which may log in again at once.
    Unlock {
        /// A user name or an e-mail address.
        user: String,
        /// The organisation's slug.
        #[arg(long, default_value = orgs::DEFAULT)]
        org: String,
    },
    /// Replaces the roles of an account, for example "system_admin system_user".
    Role {
        /// A user name or an e-mail address.
        user: String,
        roles: String,
        /// The organisation's slug.
        #[arg(long, default_value = orgs::DEFAULT)]
        org: String,
    },
    /// Activates an account.
    Activate {
        /// A user name or an e-mail address.
        user: String,
        /// The organisation's slug.
        #[arg(long, default_value = orgs::DEFAULT)]
        org: String,
    },
    /// Deactivates an account: its sessions end, and its posts stay.
    Deactivate {
        /// A user name or an e-mail address.
        user: String,
        /// The organisation's slug.
        #[arg(long, default_value = orgs::DEFAULT)]
        org: String,
    },
    /// Makes an account of the default organisation an operator of the deployment, or takes that back.
    Operator {
        /// A user name or an e-mail address.
        user: String,
        /// Removes the role.
        #[arg(long)]
        remove: bool,
    },
}

/// Runs a command.
pub(crate) async fn run(core: &Core, command: Command) -> Result<()> {
    let power = DeploymentAuthority::Console;
    match command {
        Command::List { org, page } => {
            let org = find(core, &org).await?;
            print(&orgs::members(core, OrgAuthority::All(power), org, page.max(0) * PAGE, PAGE).await?)
        }
        Command::Create { username, email, org } => {
            let org = find(core, &org).await?;
            let new = users::NewUser { username, email, password: password()?, ..users::NewUser::default() };
            print(&console::create_user(core, org, new).await?)
        }
        Command::Password { user, org } => {
            let org = find(core, &org).await?;
            let user = console::find_user(core, org, &user).await?.id;
            console::set_password(core, org, user, password()?).await
        }
        Command::Unlock { user, org } => {
            let org = find(core, &org).await?;
            let user = console::find_user(core, org, &user).await?.id;
            console::unlock(core, org, user).await
        }
        Command::Role { user, roles, org } => {
            let org = find(core, &org).await?;
            let user = console::find_user(core, org, &user).await?.id;
            console::set_roles(core, org, user, &roles).await
        }
        Command::Activate { user, org } => switch(core, &org, &user, true).await,
        Command::Deactivate { user, org } => switch(core, &org, &user, false).await,
        Command::Operator { user, remove } => {
            let user = console::find_user(core, core.default_org, &user).await?.id;
            if remove {
                orgs::remove_operator(core, power, user).await
            } else {
                orgs::add_operator(core, power, user).await
            }
        }
    }
}

async fn find(core: &Core, slug: &str) -> Result<OrgId> {
    Ok(orgs::by_slug(core, DeploymentAuthority::Console, slug).await?.id)
}

async fn switch(core: &Core, org: &str, user: &str, active: bool) -> Result<()> {
    let org = find(core, org).await?;
    let user = console::find_user(core, org, user).await?.id;
    console::set_active(core, org, user, active).await
}

//! `rustchat org …`

use clap::{Args, Subcommand};
use rustchat::error::{Error, Result};
use rustchat::services::Core;
use rustchat::services::orgs::{self, DeploymentAuthority, OrgAuthority, Patch};
use rustchat::services::users::{self, FirstAdmin, NewOrg};

use super::{password, print};

/// Organisations that one page of the list shows.
const PAGE: i64 = 200;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes an organisation, found at /o/<SLUG>.
    Create(Create),
    /// Lists all organisations with how much is in them.
    List {
        /// The number of the page, from 0; a page has 200 entries.
        #[arg(long, default_value_t = 0)]
        page: i64,
    },
    /// Shows an organisation and what it uses.
    Show { slug: String },
    /// Changes the named settings of an organisation.
    Set(Set),
    /// Suspends an organisation: nobody can log in, and everything is kept.
    Suspend { slug: String },
    /// Ends the suspension of an organisation.
    Resume { slug: String },
    /// Deletes an organisation with everything in it.
    Delete {
        slug: String,
        /// Confirms the deletion, which cannot be undone.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Args)]
pub(crate) struct Create {
    slug: String,
    /// Its name for people.
    #[arg(long)]
    name: String,
    /// The user name of its first administrator, whose password is read from the standard input.
    #[arg(long, requires = "admin_email")]
    admin: Option<String>,
    /// The e-mail address of its first administrator.
    #[arg(long, requires = "admin")]
    admin_email: Option<String>,
    #[command(flatten)]
    bounds: Bounds,
}

#[derive(Args)]
pub(crate) struct Set {
    slug: String,
    /// Another slug.
    #[arg(long)]
    new_slug: Option<String>,
    /// Its name for people.
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    bounds: Bounds,
}

#[derive(Args)]
struct Bounds {
    /// Host names that lead to it, with commas between them; empty for none.
    #[arg(long, value_delimiter = ',')]
    domains: Option<Vec<String>>,
    /// Who may sign up: open, invitation, domain or closed.
    #[arg(long)]
    sign_up: Option<String>,
    /// E-mail domains for the policy `domain`, with commas between them.
    #[arg(long, value_delimiter = ',')]
    email_domains: Option<Vec<String>>,
    /// Active accounts that it may have; 0 for no limit.
    #[arg(long)]
    max_users: Option<i64>,
    /// Bytes of files that it may have; 0 for no limit.
    #[arg(long)]
    max_storage_bytes: Option<i64>,
    /// Bytes that one file may have; 0 for what the settings allow each.
    #[arg(long)]
    max_file_bytes: Option<i64>,
    /// Days that posts are kept; 0 for ever.
    #[arg(long)]
    retention_days: Option<i32>,
    /// Whether everybody must have a second factor: true or false.
    #[arg(long)]
    enforce_second_factor: Option<bool>,
}

/// Runs a command.
pub(crate) async fn run(core: &Core, command: Command) -> Result<()> {
    let power = DeploymentAuthority::Console;
    match command {
        Command::Create(new) => print(&users::create_org(core, power, new.read()?).await?),
        Command::List { page } => print(&orgs::list(core, power, page.max(0) * PAGE, PAGE).await?),
        Command::Show { slug } => {
            let org = orgs::by_slug(core, power, &slug).await?;
            let usage = orgs::usage(core, OrgAuthority::All(power), org.id).await?;
            print(&serde_json::json!({"organization": org, "usage": usage}))
        }
        Command::Set(set) => {
            let org = orgs::by_slug(core, power, &set.slug).await?.id;
            print(&orgs::patch(core, OrgAuthority::All(power), org, set.read()).await?)
        }
        Command::Suspend { slug } => {
            let org = orgs::by_slug(core, power, &slug).await?.id;
            print(&orgs::suspend(core, power, org).await?)
        }
        Command::Resume { slug } => {
            let org = orgs::by_slug(core, power, &slug).await?.id;
            print(&orgs::resume(core, power, org).await?)
        }
        Command::Delete { slug, yes } => {
            let org = orgs::by_slug(core, power, &slug).await?;
            if !yes {
                let why = format!(
                    "this deletes \"{}\" with everything in it: say --yes if that is meant",
                    org.name
                );
                return Err(Error::internal(why));
            }
            orgs::delete(core, power, org.id).await
        }
    }
}

impl Create {
    fn read(self) -> Result<NewOrg> {
        let admin = match (self.admin, self.admin_email) {
            (Some(username), Some(email)) => Some(FirstAdmin { username, email, password: password()? }),
            _ => None,
        };
        Ok(NewOrg {
            slug: self.slug,
            name: self.name,
            domains: some(self.bounds.domains).unwrap_or_default(),
            sign_up_policy: self.bounds.sign_up,
            email_domains: some(self.bounds.email_domains).unwrap_or_default(),
            max_users: self.bounds.max_users.unwrap_or(0),
            max_storage_bytes: self.bounds.max_storage_bytes.unwrap_or(0),
            max_file_bytes: self.bounds.max_file_bytes.unwrap_or(0),
            retention_days: self.bounds.retention_days.unwrap_or(0),
            enforce_second_factor: self.bounds.enforce_second_factor.unwrap_or(false),
            admin,
        })
    }
}

impl Set {
    fn read(self) -> Patch {
        Patch {
            slug: self.new_slug,
            name: self.name,
            domains: some(self.bounds.domains),
            sign_up_policy: self.bounds.sign_up,
            email_domains: some(self.bounds.email_domains),
            max_users: self.bounds.max_users,
            max_storage_bytes: self.bounds.max_storage_bytes,
            max_file_bytes: self.bounds.max_file_bytes,
            retention_days: self.bounds.retention_days,
            enforce_second_factor: self.bounds.enforce_second_factor,
        }
    }
}

/// The list without empty texts: `--domains ""` means an empty list.
fn some(list: Option<Vec<String>>) -> Option<Vec<String>> {
    list.map(|texts| texts.into_iter().filter(|text| !text.is_empty()).collect())
}

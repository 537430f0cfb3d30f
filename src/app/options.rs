//! The options of the crates that know nothing of the settings.

use crate::config::Settings;

/// The name of the private PostgreSQL's superuser and database. Existing data has it.
const DATABASE: &str = "rustchat";

/// The `User-Agent` of the server.
const AGENT: &str = concat!("rustchat/", env!("CARGO_PKG_VERSION"));

/// The options of the private PostgreSQL.
pub(super) fn of_postgres(settings: &Settings) -> private_postgres::Options {
    let bin = &settings.database.postgres_bin_dir;
    private_postgres::Options {
        name: DATABASE,
        data_dir: settings.data_dir.join("postgres"),
        bin_dir: (!bin.as_os_str().is_empty()).then(|| bin.clone()),
        max_connections: u32::try_from(settings.database.connections + 10).unwrap_or(100),
    }
}

/// The options of the client for addresses that people name.
pub(super) fn of_fetcher(settings: &Settings) -> fetcher::Options<'_> {
    fetcher::Options {
        agent: AGENT,
        ports: &settings.fetch.ports,
        inner_networks: &settings.fetch.inner_networks,
    }
}

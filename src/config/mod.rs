//! Settings: `config/default.toml` (built in; the reference of every key) ← the environment's file ← a file of the
//! operator ← `RUSTCHAT__…` variables. Unknown keys and bad values are refused with the key's name; secrets are never
//! printed.

mod mail;
mod network;
mod openid;
mod origin;
mod secret;

use std::path::PathBuf;

use config::{Config, Environment, File, FileFormat};
use serde::Deserialize;

pub use mail::{Smtp, Tls};
pub use network::Networks;
pub use openid::OpenId;
pub use origin::Origins;
pub use secret::Secret;

const DEFAULTS: &str = include_str!("../../config/default.toml");
const DEVELOPMENT: &str = include_str!("../../config/development.toml");
const TEST: &str = include_str!("../../config/test.toml");
const PRODUCTION: &str = include_str!("../../config/production.toml");

/// The reason why the settings are invalid: one sentence with the key's name.
#[derive(Debug, thiserror::Error)]
#[error("settings: {0}")]
pub struct SettingsError(String);

/// All settings. `config/default.toml` describes each key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml is the reference")]
pub struct Settings {
    pub environment: Environ,
    pub data_dir: PathBuf,
    pub log: String,
    pub server: Server,
    pub site: Site,
    pub database: Database,
    pub redis: Redis,
    pub s3: S3,
    pub files: Files,
    pub auth: Auth,
    pub password: Password,
    pub smtp: Smtp,
    pub openid: OpenId,
    pub limits: Limits,
    pub audit: Audit,
    pub fetch: Fetch,
    pub tasks: Tasks,
}

/// The environment that the server runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environ {
    /// A developer's machine.
    Development,
    /// A test.
    Test,
    /// Real users.
    Production,
}

/// The listening socket.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml is the reference")]
pub struct Server {
    pub bind: String,
    pub workers: usize,
    pub shutdown_seconds: u64,
    pub idle_seconds: u32,
    pub head_seconds: u32,
    pub body_seconds: u32,
    pub tls_certificate: PathBuf,
    pub tls_key: PathBuf,
    pub hsts_seconds: u32,
    pub trusted_proxies: Networks,
    pub allowed_origins: Origins,
    pub allow_cookies_across_origins: bool,
}

/// The properties of the deployment that clients see.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml is the reference")]
pub struct Site {
    pub name: String,
    pub url: String,
    pub custom_url_schemes: String,
}

impl Site {
    /// The URL schemes that are links besides the usual ones.
    pub fn schemes(&self) -> impl Iterator<Item = &str> {
        self.custom_url_schemes.split(',').map(str::trim).filter(|scheme| !scheme.is_empty())
    }
}

/// The database.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml is the reference")]
pub struct Database {
    pub url: Secret,
    pub connections: usize,
    pub statement_seconds: u32,
    pub idle_transaction_seconds: u32,
    pub event_days: u32,
    pub postgres_bin_dir: PathBuf,
}

/// The bridge between nodes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml is the reference")]
pub struct Redis {
    pub url: Secret,
    pub prefix: String,
}

/// The queue of tasks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml is the reference")]
pub struct Tasks {
    pub dead_days: u32,
    pub lease_seconds: u32,
}

/// Object storage.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml is the reference")]
pub struct S3 {
    pub endpoint: String,
    pub region: String,
    pub bucket: String,
    pub access_key: String,
    pub secret_key: Secret,
    pub path_style: bool,
    pub checksums: Checksums,
    pub encrypt: bool,
}

/// The rule by which objects are sent with a checksum beside their signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Checksums {
    /// Only if the protocol requires one, which every server supports.
    WhenRequired,
    /// Always.
    WhenSupported,
}

/// Files that people attach.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml is the reference")]
pub struct Files {
    pub max_size: u64,
    pub quota: u64,
    pub uploads_at_once: usize,
    pub retention_days: u32,
    pub public_links: bool,
    pub redirect_seconds: u32,
}

/// Accounts and sessions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml is the reference")]
pub struct Auth {
    pub secret: Secret,
    pub session_days: u32,
    pub open_signup: bool,
    pub setup_secret: Secret,
    pub hashes_at_once: usize,
    pub hash_kibibytes: u32,
    pub max_login_attempts: u32,
    pub access_token_days: u32,
    pub disable_bots_with_owner: bool,
    pub strict_csrf: bool,
    pub require_verified_email: bool,
    pub enforce_second_factor: bool,
    pub session_days_mobile: u32,
    pub session_idle_minutes: u32,
}

/// The rules for passwords.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml is the reference")]
pub struct Password {
    pub minimum_length: usize,
    pub lowercase: bool,
    pub uppercase: bool,
    pub number: bool,
    pub symbol: bool,
}

/// Limits on clients.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml is the reference")]
pub struct Limits {
    pub enabled: bool,
    pub requests_per_second: u32,
    pub burst: u32,
    pub sockets_per_user: u32,
    pub sockets_per_address: u32,
    pub connections_per_address: u32,
    pub passwords_per_second: u32,
    pub passwords_burst: u32,
    pub socket_messages_per_second: u32,
    pub socket_bytes_per_second: u32,
    pub socket_silence_seconds: u32,
    pub away_seconds: u32,
    pub teams_per_user: u32,
    pub users_per_team: u32,
    pub channels_per_team: u32,
    pub pictures_at_once: usize,
}

/// The audit log.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml is the reference")]
pub struct Audit {
    pub days: u32,
}

/// Fetching from other sites that users link to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml is the reference")]
pub struct Fetch {
    pub previews: bool,
    pub image_proxy: bool,
    pub ports: String,
    pub inner_networks: String,
    pub preview_days: u32,
}

impl Settings {
    /// Reads the settings: built-in files, then the file named by `RUSTCHAT_CONFIG`, then variables.
    pub fn load() -> Result<Self, SettingsError> {
        Self::from_variables(std::env::vars().collect())
    }

    /// Reads the settings with the given variables in place of the process's own.
    pub fn from_variables(
        variables: std::collections::HashMap<String, String>,
    ) -> Result<Self, SettingsError> {
        let environment = variables.get("RUSTCHAT__ENVIRONMENT").map_or("development", String::as_str);
        let file = match environment {
            "test" => TEST,
            "production" => PRODUCTION,
            _ => DEVELOPMENT,
        };
        let own = variables.get("RUSTCHAT_CONFIG").cloned();
        let mut builder = Config::builder()
            .add_source(File::from_str(DEFAULTS, FileFormat::Toml))
            .add_source(File::from_str(file, FileFormat::Toml));
        if let Some(own) = own {
            builder = builder.add_source(File::new(&own, FileFormat::Toml));
        }
        let source = Environment::with_prefix("RUSTCHAT")
            .prefix_separator("__")
            .separator("__")
            .source(Some(variables));
        let settings: Self = builder
            .add_source(source)
            .build()
            .and_then(Config::try_deserialize)
            .map_err(|e| SettingsError(e.to_string()))?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), SettingsError> {
        let refuse = |key: &str, why: &str| Err(SettingsError(format!("{key} {why}")));
        if self.server.bind.parse::<std::net::SocketAddr>().is_err() {
            return refuse("server.bind", "must be an address and a port, for example 127.0.0.1:8065");
        }
        if self.server.tls_certificate.as_os_str().is_empty() != self.server.tls_key.as_os_str().is_empty() {
            return refuse("server.tls_certificate and server.tls_key", "must be set together");
        }
        self.check_database()?;
        if !(1..=64).contains(&self.auth.hashes_at_once) {
            return refuse("auth.hashes_at_once", "must be from 1 to 64");
        }
        let least = if self.environment == Environ::Production { 19 * 1024 } else { 64 };
        if !(least..=1024 * 1024).contains(&self.auth.hash_kibibytes) {
            return refuse("auth.hash_kibibytes", &format!("must be from {least} to 1048576"));
        }
        if !(1..=3650).contains(&self.auth.session_days) {
            return refuse("auth.session_days", "must be from 1 to 3650");
        }
        self.check_site()?;
        self.check_limits()?;
        self.check_files()?;
        self.check_accounts()?;
        if !self.auth.setup_secret.is_empty() && self.auth.setup_secret.expose().len() < 16 {
            return refuse("auth.setup_secret", "must have at least 16 characters");
        }
        if !self.auth.secret.is_empty() && self.auth.secret.is_weak() {
            return refuse("auth.secret", "must have at least 32 characters, and not all the same few");
        }
        if self.environment == Environ::Production
            && !self.database.url.is_empty()
            && self.auth.secret.is_empty()
        {
            return refuse(
                "auth.secret",
                "must be set in production with a database of its own: nodes share it",
            );
        }
        Ok(())
    }
}

impl Settings {
    /// Whether other machines can reach the server, as far as the settings tell: by the address that it listens on, or
    /// by its public URL.
    pub fn is_exposed(&self) -> bool {
        let bind = self.server.bind.parse::<std::net::SocketAddr>();
        let is_open = bind.is_ok_and(|bind| !bind.ip().to_canonical().is_loopback());
        is_open || !(self.site.url.is_empty() || is_loopback(&self.site.url))
    }

    fn check_site(&self) -> Result<(), SettingsError> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
        // URLs of these schemes could run a script in the page of the user who follows them.
        let runs = ["javascript", "vbscript", "data", "blob", "file", "about"];
        let is_scheme = |scheme: &str| {
            scheme.len() <= 40
                && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.bytes().all(fits)
        };
        let bad =
            |scheme: &&str| !is_scheme(scheme) || runs.iter().any(|run| run.eq_ignore_ascii_case(scheme));
        match self.site.schemes().find(bad) {
            Some(bad) => Err(SettingsError(format!("site.custom_url_schemes: {bad} cannot be a link"))),
            None if self.site.schemes().count() > 50 => {
                Err(SettingsError("site.custom_url_schemes must name at most 50".to_owned()))
            }
            None => Ok(()),
        }
    }

    fn check_limits(&self) -> Result<(), SettingsError> {
        let refuse = |key: &str, why: &str| Err(SettingsError(format!("{key} {why}")));
        if self.limits.requests_per_second == 0 || self.limits.burst == 0 {
            return refuse("limits.requests_per_second and limits.burst", "must be at least 1");
        }
        if self.limits.passwords_per_second == 0 || self.limits.passwords_burst == 0 {
            return refuse("limits.passwords_per_second and limits.passwords_burst", "must be at least 1");
        }
        let seconds = 1..=3600;
        let server = &self.server;
        if ![server.idle_seconds, server.head_seconds, server.body_seconds]
            .iter()
            .all(|s| seconds.contains(s))
        {
            return refuse(
                "server.idle_seconds, server.head_seconds and server.body_seconds",
                "must be from 1 to 3600",
            );
        }
        if self.limits.socket_messages_per_second == 0 || self.limits.socket_bytes_per_second < 8192 {
            return refuse(
                "limits.socket_messages_per_second and limits.socket_bytes_per_second",
                "must be at least 1, and 8192: the size of the largest message",
            );
        }
        if !(1..=64).contains(&self.limits.pictures_at_once) {
            return refuse("limits.pictures_at_once", "must be from 1 to 64");
        }
        if !(1..=3650).contains(&self.fetch.preview_days) {
            return refuse("fetch.preview_days", "must be from 1 to 3650");
        }
        if self.limits.socket_silence_seconds == 0 || self.limits.away_seconds == 0 {
            return refuse("limits.socket_silence_seconds and limits.away_seconds", "must be at least 1");
        }
        Ok(())
    }

    fn check_database(&self) -> Result<(), SettingsError> {
        let refuse = |key: &str, why: &str| Err(SettingsError(format!("{key} {why}")));
        if !(1..=1000).contains(&self.database.connections) {
            return refuse("database.connections", "must be from 1 to 1000");
        }
        if self.database.statement_seconds == 0 || self.database.idle_transaction_seconds == 0 {
            return refuse(
                "database.statement_seconds and database.idle_transaction_seconds",
                "must be at least 1",
            );
        }
        if !(1..=3650).contains(&self.database.event_days) {
            return refuse("database.event_days", "must be from 1 to 3650");
        }
        if !(1..=3650).contains(&self.tasks.dead_days) || !(5..=3600).contains(&self.tasks.lease_seconds) {
            return refuse(
                "tasks.dead_days and tasks.lease_seconds",
                "must be from 1 to 3650, and from 5 to 3600",
            );
        }
        Ok(())
    }

    fn check_accounts(&self) -> Result<(), SettingsError> {
        let refuse = |key: &str, why: &str| Err(SettingsError(format!("{key} {why}")));
        if !(8..=72).contains(&self.password.minimum_length) {
            return refuse("password.minimum_length", "must be from 8 to 72");
        }
        if !(1..=3650).contains(&self.auth.session_days_mobile) {
            return refuse("auth.session_days_mobile", "must be from 1 to 3650");
        }
        // The time of a session's last use is recorded to the minute.
        if (1..5).contains(&self.auth.session_idle_minutes) {
            return refuse("auth.session_idle_minutes", "must be 0, or at least 5");
        }
        let mistake = self.smtp.mistake().or_else(|| self.openid.mistake(&self.site.url));
        if let Some((key, why)) = mistake {
            return refuse(key, why);
        }
        Ok(())
    }

    fn check_files(&self) -> Result<(), SettingsError> {
        let refuse = |key: &str, why: &str| Err(SettingsError(format!("{key} {why}")));
        let s3 = &self.s3;
        if !s3.bucket.is_empty() && (s3.access_key.is_empty() || s3.secret_key.is_empty()) {
            return refuse("s3.access_key and s3.secret_key", "must be set where s3.bucket is");
        }
        if !s3.endpoint.is_empty() && !s3.endpoint.starts_with("http") {
            return refuse("s3.endpoint", "must be an address such as https://s3.example.org");
        }
        let files = &self.files;
        // S3 allows ten thousand parts of an object, of 5 MiB each here.
        if !(1..=50 << 30).contains(&files.max_size) {
            return refuse("files.max_size", "must be from 1 to 53687091200 bytes (50 GiB)");
        }
        if !(1..=1024).contains(&files.uploads_at_once) {
            return refuse("files.uploads_at_once", "must be from 1 to 1024");
        }
        if files.retention_days > 3650 || files.redirect_seconds > 3600 {
            return refuse(
                "files.retention_days and files.redirect_seconds",
                "must be at most 3650 days, and 3600 seconds",
            );
        }
        Ok(())
    }
}

/// Whether an address such as `http://localhost:8065` leads to this machine.
pub fn is_loopback(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let port = authority.rfind(':').filter(|at| authority.bytes().skip(at + 1).all(|b| b.is_ascii_digit()));
    let host = authority.get(..port.unwrap_or(authority.len())).unwrap_or_default();
    let address: Option<std::net::IpAddr> = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    address.map_or(name == "localhost" || name.ends_with(".localhost"), |a| a.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(variables: &[(&str, &str)]) -> Result<Settings, String> {
        let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Settings::from_variables(variables).map_err(|e| e.to_string())
    }

    #[test]
    fn nothing_configured_is_enough() {
        let settings = load(&[]).expect("defaults are complete");
        assert_eq!(settings.server.bind, "127.0.0.1:8065");
        assert_eq!(settings.data_dir, PathBuf::from("data"));
    }

    #[test]
    fn a_server_is_exposed_when_it_listens_to_others_or_is_known_to_them() {
        for (bind, url, exposed) in [
            ("127.0.0.1:8065", "", false),
            ("[::1]:8065", "http://localhost:8065", false),
            ("127.0.0.1:8065", "http://[::1]:8065/", false),
            ("127.0.0.1:8065", "http://chat.localhost", false),
            ("127.0.0.1:8065", "https://chat.example.org", true),
            ("127.0.0.1:8065", "https://127.0.0.1.example.org", true),
            ("127.0.0.1:8065", "https://localhost@example.org", true),
            ("0.0.0.0:8065", "", true),
            ("[::]:8065", "http://localhost", true),
            ("192.0.2.7:8065", "http://localhost", true),
        ] {
            let settings = load(&[("RUSTCHAT__SERVER__BIND", bind), ("RUSTCHAT__SITE__URL", url)]);
            assert_eq!(settings.expect("good settings").is_exposed(), exposed, "{bind} {url}");
        }
    }

    #[test]
    fn variables_win_and_an_all_digit_secret_stays_text() {
        let secret = "12345678901234567890123456789012";
        let settings = load(&[
            ("RUSTCHAT__SERVER__BIND", "127.0.0.1:0"),
            ("RUSTCHAT__LIMITS__ENABLED", "false"),
            ("RUSTCHAT__AUTH__SECRET", secret),
            ("RUSTCHAT__LOG", "debug"),
        ])
        .expect("good settings");
        assert_eq!((settings.server.bind.as_str(), settings.limits.enabled), ("127.0.0.1:0", false));
        assert_eq!(settings.auth.secret.expose(), secret);
    }

    #[test]
    fn mistakes_are_named() {
        for (key, value, named) in [
            ("RUSTCHAT__SERVER__BIN", "x", "bin"),
            ("RUSTCHAT__SERVER__BIND", "nonsense", "server.bind"),
            ("RUSTCHAT__SITE__CUSTOM_URL_SCHEMES", "steam, JavaScript", "JavaScript"),
            ("RUSTCHAT__SITE__CUSTOM_URL_SCHEMES", "steam://", "steam://"),
            ("RUSTCHAT__DATABASE__CONNECTIONS", "many", "connections"),
            ("RUSTCHAT__AUTH__SECRET", "short", "auth.secret"),
            ("RUSTCHAT__SERVER__TRUSTED_PROXIES", "10.0.0.0/8, proxy", "proxy is no network"),
            ("RUSTCHAT__SERVER__ALLOWED_ORIGINS", "*", "* is no origin"),
            ("RUSTCHAT__SERVER__TLS_KEY", "key.pem", "server.tls_certificate"),
        ] {
            let error = load(&[(key, value)]).expect_err(key);
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn production_refuses_weak_secrets_and_prints_none() {
        let production = ("RUSTCHAT__ENVIRONMENT", "production");
        let database = ("RUSTCHAT__DATABASE__URL", "postgres://u:hunter2hunter2@db/chat");
        let error = load(&[production, database]).expect_err("no secret");
        assert!(error.contains("auth.secret"), "{error}");
        let weak = ("RUSTCHAT__AUTH__SECRET", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        assert!(load(&[production, database, weak]).expect_err("weak").contains("auth.secret"));
        let settings = load(&[database]).expect("development makes its own secret");
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}

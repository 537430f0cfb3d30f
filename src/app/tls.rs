//! TLS in the binary, where certificate files are configured. They are checked again every few seconds and on SIGHUP: a
//! renewed certificate is used for new connections without a restart, and one that cannot be read leaves the old one in
//! use.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::config::Settings;
use crate::error::{Error, Result};
use crate::supervisor::{Spec, Supervisor};

/// The interval between two checks of the files.
const LOOK: Duration = Duration::from_secs(5);

/// The certificate in use.
#[derive(Debug)]
struct Current {
    files: Files,
    key: RwLock<Arc<CertifiedKey>>,
}

#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// The configuration of the listening socket; `None` where no certificate is configured. Starts watching the files:
/// must be called within a runtime.
pub(super) fn configure(settings: &Settings, supervisor: &Supervisor) -> Result<Option<ServerConfig>> {
    let server = &settings.server;
    if server.tls_certificate.as_os_str().is_empty() {
        return Ok(None);
    }
    let files = Files { certificate: server.tls_certificate.clone(), key: server.tls_key.clone() };
    let current = Arc::new(Current { key: RwLock::new(Arc::new(files.read()?)), files });
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::internal(format!("TLS: {e}")))?
        .with_no_client_auth()
        .with_cert_resolver(current.clone());
    supervisor.start(Spec::task("certificate"), move |_| watch(current.clone()));
    Ok(Some(config))
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.key.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl Files {
    fn read(&self) -> Result<CertifiedKey> {
        let failed = |key: &str, path: &Path, why: String| {
            Error::unavailable(format!("settings: server.{key} ({}): {why}", path.display()))
        };
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>)
            .map_err(|e| failed("tls_certificate", &self.certificate, e.to_string()))?;
        if chain.is_empty() {
            return Err(failed("tls_certificate", &self.certificate, "has no certificate".to_owned()));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key);
        let key = key.map_err(|e| failed("tls_key", &self.key, e.to_string()))?;
        // The two must belong together: a renewal that has replaced one file only is waited for.
        CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
            .map_err(|e| failed("tls_key", &self.key, e.to_string()))
    }

    /// The times of the files' last changes.
    fn times(&self) -> [Option<SystemTime>; 2] {
        let time = |path: &Path| std::fs::metadata(path).and_then(|m| m.modified()).ok();
        [time(&self.certificate), time(&self.key)]
    }
}

/// Reloads the files whenever they change, for ever.
async fn watch(current: Arc<Current>) {
    use tokio::signal::unix::{SignalKind, signal};
    let mut seen = current.files.times();
    let mut look = tokio::time::interval(LOOK);
    let Ok(mut hang_up) = signal(SignalKind::hangup()) else { return };
    loop {
        let told = tokio::select! {
            _ = look.tick() => false,
            _ = hang_up.recv() => true,
        };
        let now = current.files.times();
        if !told && now == seen {
            continue;
        }
        seen = now;
        match current.files.read() {
            Ok(key) => {
                *current.key.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
                tracing::info!("the certificate was read again");
            }
            Err(error) => tracing::warn!(%error, "the old certificate stays in force"),
        }
    }
}

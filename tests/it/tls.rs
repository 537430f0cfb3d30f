//! TLS in the binary.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Server, eventually};

/// Writes a certificate for `localhost` and its key, and answers the certificate.
fn makes_certificate(folder: &Path) -> Vec<u8> {
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", "new.key", "-out", "new.pem"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    // Both at once, as far as two files can be.
    std::fs::rename(folder.join("new.key"), folder.join("key.pem")).unwrap();
    std::fs::rename(folder.join("new.pem"), folder.join("cert.pem")).unwrap();
    std::fs::read(folder.join("cert.pem")).unwrap()
}

/// Asks the server for a sign of life, trusting this certificate alone.
async fn answers(port: u16, certificate: &[u8]) -> bool {
    let trusted = reqwest::Certificate::from_pem(certificate).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([trusted])
        .resolve("localhost", std::net::SocketAddr::from(([127, 0, 0, 1], port)))
        .build()
        .unwrap();
    match client.get(format!("https://localhost:{port}/api/v4/system/ping")).send().await {
        Ok(answer) => {
            assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
            answer.json::<Value>().await.unwrap()["status"] == "OK"
        }
        Err(_) => false,
    }
}

#[tokio::test]
async fn a_configured_certificate_is_spoken_with_and_a_renewed_one_taken_over() {
    let folder = TempDir::new().unwrap();
    let old = makes_certificate(folder.path());
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (certificate, key) = (path("cert.pem"), path("key.pem"));
    let server =
        Server::silent(&[("SERVER__TLS_CERTIFICATE", &certificate), ("SERVER__TLS_KEY", &key)]).await;
    let port = server.base.rsplit(':').next().unwrap().parse().unwrap();
    assert!(answers(port, &old).await);
    assert!(
        reqwest::get(format!("http://127.0.0.1:{port}/livez")).await.is_err(),
        "nothing but TLS is spoken"
    );
    let new = makes_certificate(folder.path());
    server.signal("HUP");
    let renewed = || async { answers(port, &new).await };
    eventually("the new certificate", Duration::from_secs(8), renewed).await;
    assert!(!answers(port, &old).await);
    // One that cannot be read leaves the old one in force.
    std::fs::write(folder.path().join("cert.pem"), "nonsense").unwrap();
    server.signal("HUP");
    let said = || async { server.said().contains("the old certificate stays in force") };
    eventually("it complains", Duration::from_secs(8), said).await;
    assert!(answers(port, &new).await);
}

//! An S3 server of a test's own, which checks signatures, and which the test may take away and bring back.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

const BUCKET: &str = "chat";
const ACCESS_KEY: &str = "rustchat-tests";
const SECRET_KEY: &str = "a-secret-of-the-tests";

/// A running S3 server with an empty bucket, or one that was taken away. It ends when this value is dropped.
pub(crate) struct S3 {
    folder: TempDir,
    address: SocketAddr,
    running: Option<Runtime>,
}

impl S3 {
    pub(crate) fn start() -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let mut s3 = Self { folder, address: SocketAddr::from(([127, 0, 0, 1], 0)), running: None };
        s3.launch();
        s3
    }

    /// What a server must be told to use it.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("S3__ENDPOINT", format!("http://{}", self.address)),
            ("S3__BUCKET", BUCKET.to_owned()),
            ("S3__ACCESS_KEY", ACCESS_KEY.to_owned()),
            ("S3__SECRET_KEY", SECRET_KEY.to_owned()),
        ]
    }

    /// Takes it away: whoever is connected loses the connection.
    pub(crate) fn stop(&mut self) {
        self.running.take().unwrap().shutdown_background();
    }

    /// Brings it back at the same address, with what it had.
    pub(crate) fn launch(&mut self) {
        let service = service(self.folder.path());
        let listener = std::net::TcpListener::bind(self.address).unwrap();
        listener.set_nonblocking(true).unwrap();
        self.address = listener.local_addr().unwrap();
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.spawn(accept(listener, service));
        self.running = Some(runtime);
    }

    /// Whatever lies in it, the parts of unfinished objects too: paths, sorted.
    pub(crate) fn objects(&self) -> Vec<String> {
        let mut found = Vec::new();
        below(self.folder.path(), &mut found);
        // What the server notes beside its objects.
        found.retain(|path| !path.ends_with(".internal.json") && !path.ends_with(".metadata.json"));
        found.sort();
        found
    }

    /// Forgets whatever lies in it.
    pub(crate) fn empty(&self) {
        for path in self.objects() {
            fs::remove_file(path).unwrap();
        }
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown_background();
        }
    }
}

/// The files below a folder.
pub(crate) fn below(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            below(&entry.path(), found);
        } else {
            found.push(entry.path().to_string_lossy().into_owned());
        }
    }
}

fn service(root: &Path) -> S3Service {
    let mut builder = S3ServiceBuilder::new(FileSystem::new(root).unwrap());
    builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
    builder.build()
}

async fn accept(listener: std::net::TcpListener, service: S3Service) {
    let listener = TcpListener::from_std(listener).unwrap();
    while let Ok((socket, _)) = listener.accept().await {
        // Without it, every answer waits for the client's acknowledgement.
        socket.set_nodelay(true).unwrap();
        let connection = http1::Builder::new().serve_connection(TokioIo::new(socket), service.clone());
        tokio::spawn(async move { drop(connection.await) });
    }
}

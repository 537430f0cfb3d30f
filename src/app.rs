//! The composition root: builds the parts bottom-up, runs the server, and takes everything down in the right order.

mod bus_setup;
mod connections;
mod console;
mod limits;
mod options;
mod parts;
mod secret;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use actix_web::dev::{ServerHandle, Service};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};
use fetcher::Fetcher;
use pictures::ImageWorker;
use private_postgres::Postgres;

use crate::actors::hub::{Hub, SendAway};
use crate::actors::session::ConnectionQuota;
use crate::api::holding::{Budgets, hold};
use crate::api::intake::intake;
use crate::api::middleware::around;
use crate::api::org_routing::redirect_to_own_address;
use crate::api::rate_limit::rate_limit;
use crate::api::turns::{Reads, take_turns};
use crate::config::{Environ, Settings};
use crate::db::{self, Bounds, Plans, Pool};
use crate::error::{Error, Result};
use crate::services::auth::audits::Refusals;
use crate::services::auth::credentials::{Passwords, Provider, Sessions, Tokens};
use crate::services::auth::permissions::RoleSets;
use crate::services::channels::{self, post_queue};
use crate::services::platform::addresses::Addresses;
use crate::services::platform::keys::KeyDerivation;
use crate::services::platform::limits::Tally;
use crate::services::platform::storage::{Storage, UploadLimiter};
use crate::services::platform::texts::Vocabulary;
use crate::services::platform::{self, Bus};
use crate::services::realtime::{self, Presence, RedisLink, Throttle, forget};
use crate::services::users;
use crate::services::{Core, auth, orgs};
use crate::supervisor::Supervisor;
use crate::telemetry::{self, Format};
use bus_setup::BusSetup;
pub use console::{bare_core, console};

/// An address that belongs to nobody (RFC 5737), outside of the local network.
const FAR: std::net::Ipv4Addr = std::net::Ipv4Addr::new(192, 0, 2, 1);

/// How long the hub may take to send everybody away.
const SENDING_AWAY: Duration = Duration::from_secs(3);

/// Runs the server until it is told to stop. Blocks; must be called outside of any runtime.
pub fn serve(settings: Settings) -> Result<()> {
    start_logs(&settings)?;
    secret::prepare_data_dir(&settings.data_dir)?;
    let secret = secret::load(&settings)?;
    let (database, url) = database(&settings)?;
    migrate(&url)?;
    let outcome = actix_web::rt::System::new().block_on(run(settings, &url, &secret));
    if let Some(database) = database {
        database.stop();
    }
    tracing::info!("stopped");
    outcome
}

/// Migrates the configured database (or the private one) to this binary's schema, and does nothing else.
pub fn migrate_only(settings: &Settings) -> Result<()> {
    start_logs(settings)?;
    secret::prepare_data_dir(&settings.data_dir)?;
    let (_database, url) = database(settings)?;
    migrate(&url)
}

fn start_logs(settings: &Settings) -> Result<()> {
    if let Some(why) = telemetry::mistake(&settings.log) {
        return Err(Error::internal(format!(
            "settings: log must be a level, or a list such as \"info,rustchat::actors=debug\": {why}"
        )));
    }
    let format = if settings.environment == Environ::Production { Format::Json } else { Format::Pretty };
    telemetry::start(&settings.log, format);
    Ok(())
}

/// The configured database, or the private one, started.
fn database(settings: &Settings) -> Result<(Option<Postgres>, String)> {
    if !settings.database.url.is_empty() {
        return Ok((None, settings.database.url.expose().to_owned()));
    }
    let database = private_postgres::start(options::of_postgres(settings))?;
    let url = database.url().to_owned();
    Ok((Some(database), url))
}

/// Runs the migrations, on a runtime of several threads, which the actix system's is not.
fn migrate(url: &str) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|e| Error::internal(format!("runtime: {e}")))?
        .block_on(db::migrate::run(url))
}

async fn run(settings: Settings, url: &str, secret: &[u8]) -> Result<()> {
    let supervisor = Supervisor::default();
    let pool = Pool::new(url, settings.database.connections, bounds(&settings), Plans::ByCost)?;
    rotate(&pool, &settings).await?;
    let presence = Arc::new(Presence::new(settings.limits.away_seconds));
    let bus_setup = BusSetup::open(&settings, &pool, presence.clone(), &supervisor).await?;
    let (post_queue, inbox) = post_queue::queue();
    let writing = Pool::new(url, 1, bounds(&settings), Plans::ByKey)?;
    let pools = Pools { writing, all: pool.clone() };
    let bridge = bus_setup.bridge.clone();
    let ground = Ground { presence, secret, supervisor: supervisor.clone(), bridge };
    let core = core_of(settings, pools, bus_setup.bus.clone(), post_queue, ground).await?;
    let hub = parts::deliver(&core, bus_setup.feed, bus_setup.deps);
    parts::start(&core, inbox);
    let (server, address) = listen(&core, &hub)?;
    let handle = server.handle();
    let mut serving = actix_web::rt::spawn(server);
    let scheme = if core.settings.server.tls_certificate.as_os_str().is_empty() { "http" } else { "https" };
    let url = format!("{scheme}://{}", reachable(address));
    tracing::info!(%address, url, "listening");
    if let Some(link) = users::setup::first_link(&core, &url).await? {
        tracing::warn!(
            link,
            "nobody has an account yet: make the first one, the administrator's, at this address"
        );
    }
    let outcome = until_told(&supervisor, &mut serving).await;
    shut_down(&handle, &hub).await;
    if !serving.is_finished() {
        drop(serving.await);
    }
    supervisor.stop();
    if let Some(bridge) = &bus_setup.bridge {
        say_goodbye(&pool, bridge).await;
    }
    core.writing_pool.close();
    pool.close();
    outcome
}

/// The connection pools of a process.
struct Pools {
    /// The post writer's pool, of one connection.
    writing: Pool,
    /// The pool of all other queries.
    all: Pool,
}

/// The parts of the core besides the database and the settings.
struct Ground<'a> {
    presence: Arc<Presence>,
    /// The server's secret, from which keys are derived.
    secret: &'a [u8],
    supervisor: Supervisor,
    bridge: Option<Arc<RedisLink>>,
}

/// The parts that services share.
async fn core_of(
    settings: Settings,
    pools: Pools,
    bus: Arc<dyn Bus>,
    post_queue: post_queue::PostQueue,
    Ground { presence, secret, supervisor, bridge }: Ground<'_>,
) -> Result<Core> {
    let default_org = orgs::default(&pools.all).await?;
    let addresses = Addresses::new(default_org, settings.site.clone(), settings.auth.open_signup);
    let below = platform::Core::new(platform::Parts {
        pool: pools.all,
        writing_pool: pools.writing,
        bus,
        tasks_due: Arc::default(),
        storage: Storage::open(&settings)?,
        upload_limiter: UploadLimiter::new(settings.files.uploads_at_once),
        failures: Tally::default(),
        fetch: Fetcher::new(&options::of_fetcher(&settings))?,
        pictures: ImageWorker::new(settings.limits.pictures_at_once),
        addresses,
        keys: KeyDerivation::new(secret),
        default_org,
        deployment_id: uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, secret),
        supervisor,
        settings,
    });
    let below =
        realtime::Core::new(realtime::Parts { below, presence, bridge, writing: Throttle::default() });
    let below = auth_core(below, secret)?;
    let below = users::Core::new(users::Parts { below, vocabulary: Vocabulary::default() });
    Ok(Core::new(channels::Parts { below, post_queue }))
}

fn auth_core(below: realtime::Core, secret: &[u8]) -> Result<auth::Core> {
    let settings = &below.settings;
    let passwords = Passwords::new(
        settings.auth.hashes_at_once,
        settings.auth.hash_kibibytes,
        limits::of_passwords(settings, &below.supervisor)?,
    )?;
    let openid = Provider::new(&settings.openid)?;
    let sessions = Sessions::new(settings.auth.session_idle_minutes);
    let (tokens, role_sets) = (Tokens::new(secret), RoleSets::default());
    Ok(auth::Core::new(auth::Parts { below, passwords, tokens, openid, sessions, role_sets }))
}

fn threads(settings: &Settings) -> usize {
    match settings.server.workers {
        0 => std::thread::available_parallelism().map_or(2, usize::from),
        n => n,
    }
}

fn listen(core: &Core, hub: &Addr<Hub>) -> Result<(actix_web::dev::Server, SocketAddr)> {
    let settings = &core.settings;
    let limit = web::Data::new(limits::of_requests(settings, &core.supervisor)?);
    let tls = tls::configure(settings, &core.supervisor)?;
    let (core_data, hub_data) = (web::Data::new(core.clone()), web::Data::new(hub.clone()));
    let quota = web::Data::new(ConnectionQuota::default());
    let refusals = web::Data::new(Refusals::default());
    let budgets = web::Data::new(Budgets::default());
    let reads = web::Data::new(Reads::of(core.settings.database.connections));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(core_data.clone())
            .app_data(hub_data.clone())
            .app_data(quota.clone())
            .app_data(limit.clone())
            .app_data(refusals.clone())
            .app_data(budgets.clone())
            .app_data(reads.clone())
            // The last is the outermost: a caller can be identified only within an organisation.
            .wrap(from_fn(take_turns))
            .wrap(from_fn(rate_limit))
            .wrap(from_fn(redirect_to_own_address))
            .wrap(from_fn(hold))
            .wrap(from_fn(around))
            .wrap(from_fn(intake))
            .wrap(Compress::default())
            // Boxed, because a connection reserves room for a running request: this saves two kilobytes on an idle one.
            .wrap_fn(|request, next| Box::pin(next.call(request)))
            .configure(crate::api::routes)
    })
    .workers(threads(settings))
    .on_connect(connections::keep(settings, &core.supervisor))
    .keep_alive(Duration::from_secs(settings.server.idle_seconds.into()))
    .client_request_timeout(Duration::from_secs(settings.server.head_seconds.into()))
    .max_connections(25_000)
    .shutdown_timeout(settings.server.shutdown_seconds)
    .disable_signals();
    let bind = &settings.server.bind;
    let server = match tls {
        Some(tls) => server.bind_rustls_0_23(bind, tls),
        None => server.bind(bind),
    };
    let server = server.map_err(|e| {
        Error::unavailable(format!("cannot listen on {} (setting server.bind): {e}", settings.server.bind))
    })?;
    let address = server.addrs().first().copied().ok_or_else(|| Error::internal("no listening address"))?;
    Ok((server.run(), address))
}

/// The address at which others reach a socket that listens at `address`: for a wildcard address, the one that this
/// machine uses towards others. Nothing is sent to find it.
fn reachable(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    let any: SocketAddr = (std::net::Ipv4Addr::UNSPECIFIED, 0).into();
    let far: SocketAddr = (FAR, 9).into();
    let own = std::net::UdpSocket::bind(any).and_then(|socket| {
        socket.connect(far)?;
        socket.local_addr()
    });
    SocketAddr::new(own.map_or(std::net::Ipv4Addr::LOCALHOST.into(), |own| own.ip()), address.port())
}

/// Waits for SIGTERM or SIGINT, or for a death that is fatal: of a part that cannot be started again without loss, or
/// of the HTTP server.
async fn until_told(supervisor: &Supervisor, serving: &mut Serving) -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let failed = |e| Error::internal(format!("signals: {e}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        part = supervisor.fatal() => Err(Error::internal(format!("a part of the server died: {part}"))),
        _ = serving => Err(Error::internal("the HTTP server died")),
    }
}

/// The task of the HTTP server.
type Serving = tokio::task::JoinHandle<std::io::Result<()>>;

/// Stops accepting, closes the sockets, lets running requests finish. A hub that is dead closes no sockets: they end
/// with the server.
async fn shut_down(handle: &ServerHandle, hub: &Addr<Hub>) {
    tracing::info!("stopping");
    let stopped = handle.stop(true);
    match tokio::time::timeout(SENDING_AWAY, hub.send(SendAway)).await {
        Ok(Ok(sockets)) => tracing::info!(sockets, "sent away"),
        Ok(Err(error)) => tracing::warn!(%error, "nobody could be sent away"),
        Err(_) => tracing::warn!("nobody could be sent away: the hub does not answer"),
    }
    stopped.await;
}

/// Unregisters this node, so that the others do not wait for its messages.
async fn say_goodbye(pool: &Pool, bridge: &RedisLink) {
    if let Err(error) = forget(pool, bridge).await {
        tracing::warn!(%error, "this node could not be taken off the list of nodes");
    }
}

fn bounds(settings: &Settings) -> Bounds {
    let seconds = |n: u32| Duration::from_secs(n.into());
    Bounds {
        statement: seconds(settings.database.statement_seconds),
        idle_transaction: seconds(settings.database.idle_transaction_seconds),
    }
}

/// Creates today's partition before the first event is written. Without it the log works too, in the default partition;
/// the hourly job tries again.
async fn rotate(pool: &Pool, settings: &Settings) -> Result<()> {
    let mut conn = pool.get().await?;
    if let Err(error) = db::events::rotate(&mut conn, settings.database.event_days).await {
        tracing::warn!(%error, "the log's partitions could not be made");
    }
    Ok(())
}

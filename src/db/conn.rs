//! A connection whose every statement ends. PostgreSQL itself limits the duration of a statement and of an idle
//! transaction; should it say nothing at all, because it is stopped or the network drops what is sent, the statement
//! fails on this side a little later. Such a connection is never used again, nor is any other of its age.
//!
//! Statements may be under way together: those that are sent through a shared reference follow each other without
//! waiting (pipelining), and PostgreSQL runs them in the order in which they are first polled. That holds while they
//! have to be prepared, for which they queue, but not for types of our own, which would be looked up first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::Instrumentation;
use diesel::query_builder::{AsQuery, QueryFragment, QueryId};
use diesel::result::{
    ConnectionError, ConnectionResult, DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError,
};
use diesel_async::pooled_connection::{PoolableConnection, RecyclingMethod};
use diesel_async::{
    AnsiTransactionManager, AsyncConnection, AsyncConnectionCore, AsyncPgConnection, SimpleAsyncConnection,
};
use futures_util::future::BoxFuture;
use futures_util::stream::{Iter, TryStreamExt, iter};

use super::{Query, failure};

/// The time for which PostgreSQL may overrun a statement's limit before it counts as unreachable.
const GRACE: Duration = Duration::from_secs(2);

/// The time in which a connection that was left in the middle of a statement must be ready again.
const READY: Duration = Duration::from_secs(1);

/// The limits on the duration of statements and idle transactions.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The longest duration of a statement, its waiting for locks included.
    pub statement: Duration,
    /// The longest time a transaction may be idle: a node that hangs must not keep its locks.
    pub idle_transaction: Duration,
}

/// The way in which PostgreSQL plans the statements of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plans {
    /// By the statistics of the tables, which is PostgreSQL's default.
    ByCost,
    /// Once, row by row through the indexes. For a connection whose statements all look up a few rows by their keys:
    /// such a plan is right for a table of any size, while one that was made when the table was small would read the
    /// whole table for ever after. The checks of foreign keys are planned in the same way.
    ByKey,
}

impl Plans {
    fn settings(self) -> &'static str {
        match self {
            Self::ByCost => "",
            Self::ByKey => {
                "; set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off;
                 set enable_material = off; set plan_cache_mode = force_generic_plan"
            }
        }
    }
}

/// The age of connections: those that were opened before the latest timeout are not used again.
pub(super) type Age = Arc<AtomicU64>;

/// A connection to PostgreSQL, which every query takes.
pub struct Conn {
    inner: AsyncPgConnection,
    bound: Duration,
    /// The statements that were begun and whose end was not seen, because their future was dropped or still runs.
    unfinished: AtomicUsize,
    born: u64,
    age: Age,
}

impl Conn {
    /// Connects to `url`.
    pub(super) async fn open(url: &str, bounds: Bounds, plans: Plans, age: Age) -> ConnectionResult<Self> {
        let mut inner = AsyncPgConnection::establish(&watched(url)).await?;
        let set = format!(
            "set statement_timeout = {}; set idle_in_transaction_session_timeout = {}{}",
            bounds.statement.as_millis(),
            bounds.idle_transaction.as_millis(),
            plans.settings(),
        );
        inner.batch_execute(&set).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
        let born = age.load(Ordering::Relaxed);
        Ok(Self { inner, bound: bounds.statement + GRACE, unfinished: AtomicUsize::new(0), born, age })
    }

    /// Rolls back what was left unfinished, so that the connection is as new.
    async fn settle(&mut self) -> Query<()> {
        let settled = tokio::time::timeout(READY, self.inner.batch_execute("rollback")).await;
        *self.unfinished.get_mut() = 0;
        settled.unwrap_or_else(|_| Err(silent()))
    }

    /// Runs a statement to its end, or marks the connections of this age as unusable.
    async fn bounded<T>(&self, statement: impl Future<Output = Query<T>>) -> Query<T> {
        let began = Instant::now();
        self.unfinished.fetch_add(1, Ordering::Relaxed);
        let outcome = tokio::time::timeout(self.bound, statement).await;
        let outcome = match outcome {
            Ok(Err(DieselError::DatabaseError(DatabaseErrorKind::Unknown, info))) => {
                let kind = self.kind_of(&*info, began.elapsed()).await;
                Err(DieselError::DatabaseError(kind, info))
            }
            Ok(outcome) => outcome,
            Err(_) => {
                self.age.fetch_add(1, Ordering::Relaxed);
                Err(silent())
            }
        };
        self.unfinished.fetch_sub(1, Ordering::Relaxed);
        outcome
    }

    /// The kind of an error of which PostgreSQL's code is not known, by what else is: the time that the statement took,
    /// the form of the details, and whether the connection still answers.
    async fn kind_of(
        &self,
        info: &(dyn DatabaseErrorInformation + Send + Sync),
        took: Duration,
    ) -> DatabaseErrorKind {
        if took >= self.bound.saturating_sub(GRACE) {
            return DatabaseErrorKind::UnableToSendCommand;
        }
        if info.details().is_some_and(failure::is_deadlock) {
            return DatabaseErrorKind::SerializationFailure;
        }
        // A server that ends a connection says why, in its own language, and then closes it.
        let mut inner = &self.inner;
        match tokio::time::timeout(READY, inner.batch_execute("")).await {
            Ok(Ok(())) => DatabaseErrorKind::Unknown,
            Ok(Err(_)) | Err(_) => DatabaseErrorKind::ClosedConnection,
        }
    }

    fn rows<'a, 'query, T>(&'a self, source: T) -> BoxFuture<'a, Query<Rows<'a, 'query>>>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<diesel::pg::Pg> + QueryId + 'query,
    {
        let load = (&mut &self.inner).load(source);
        let all = async move { load.await?.try_collect::<Vec<_>>().await };
        let rows = self.bounded(all);
        Box::pin(async move { Ok(iter(rows.await?.into_iter().map(Ok).collect::<Vec<_>>())) })
    }

    fn count<'a, 'query, T>(&'a self, source: T) -> BoxFuture<'a, Query<usize>>
    where
        T: QueryFragment<diesel::pg::Pg> + QueryId + 'query,
    {
        let execute = (&mut &self.inner).execute_returning_count(source);
        Box::pin(self.bounded(execute))
    }
}

/// The error of a statement that was not answered: whether it was executed is not known.
fn silent() -> DieselError {
    DieselError::DatabaseError(
        DatabaseErrorKind::UnableToSendCommand,
        Box::new("no answer from the database".to_owned()),
    )
}

/// The URL with the TCP settings that detect a dead peer, unless the operator set others.
fn watched(url: &str) -> String {
    let wanted = [
        ("connect_timeout", 5),
        ("tcp_user_timeout", 10),
        ("keepalives_idle", 5),
        ("keepalives_interval", 3),
    ];
    let is_url = url.starts_with("postgres://") || url.starts_with("postgresql://");
    let mut watched = url.to_owned();
    for (key, seconds) in wanted.into_iter().filter(|(key, _)| !url.contains(key)) {
        watched.push_str(match is_url {
            true if watched.contains('?') => "&",
            true => "?",
            false => " ",
        });
        watched.push_str(&format!("{key}={seconds}"));
    }
    watched
}

impl SimpleAsyncConnection for Conn {
    async fn batch_execute(&mut self, query: &str) -> Query<()> {
        (&*self).batch_execute(query).await
    }
}

impl SimpleAsyncConnection for &Conn {
    async fn batch_execute(&mut self, query: &str) -> Query<()> {
        let mut inner = &self.inner;
        self.bounded(inner.batch_execute(query)).await
    }
}

/// All rows of a statement: they are read within its time limit.
type Rows<'conn, 'query> = Iter<std::vec::IntoIter<Query<RowOf<'conn, 'query>>>>;

type RowOf<'conn, 'query> = <AsyncPgConnection as AsyncConnectionCore>::Row<'conn, 'query>;

impl AsyncConnectionCore for Conn {
    type ExecuteFuture<'conn, 'query> = BoxFuture<'conn, Query<usize>>;
    type LoadFuture<'conn, 'query> = BoxFuture<'conn, Query<Rows<'conn, 'query>>>;
    type Stream<'conn, 'query> = Rows<'conn, 'query>;
    type Row<'conn, 'query> = RowOf<'conn, 'query>;
    type Backend = diesel::pg::Pg;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> Self::LoadFuture<'conn, 'query>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<Self::Backend> + QueryId + 'query,
    {
        self.rows(source)
    }

    fn execute_returning_count<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> Self::ExecuteFuture<'conn, 'query>
    where
        T: QueryFragment<Self::Backend> + QueryId + 'query,
    {
        self.count(source)
    }
}

/// Lets a shared connection run several statements at a time.
impl<'a> AsyncConnectionCore for &'a Conn {
    type ExecuteFuture<'conn, 'query> = BoxFuture<'a, Query<usize>>;
    type LoadFuture<'conn, 'query> = BoxFuture<'a, Query<Rows<'conn, 'query>>>;
    type Stream<'conn, 'query> = Rows<'conn, 'query>;
    type Row<'conn, 'query> = RowOf<'conn, 'query>;
    type Backend = diesel::pg::Pg;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> Self::LoadFuture<'conn, 'query>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<Self::Backend> + QueryId + 'query,
    {
        self.rows(source)
    }

    fn execute_returning_count<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> Self::ExecuteFuture<'conn, 'query>
    where
        T: QueryFragment<Self::Backend> + QueryId + 'query,
    {
        self.count(source)
    }
}

impl AsyncConnection for Conn {
    type TransactionManager = AnsiTransactionManager;

    /// Always fails: a connection needs bounds, which only the pool passes.
    async fn establish(_: &str) -> ConnectionResult<Self> {
        Err(ConnectionError::BadConnection("connections are made by the pool".to_owned()))
    }

    fn transaction_state(&mut self) -> &mut AnsiTransactionManager {
        self.inner.transaction_state()
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        self.inner.instrumentation()
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.inner.set_instrumentation(instrumentation);
    }

    fn set_prepared_statement_cache_size(&mut self, size: diesel::connection::CacheSize) {
        self.inner.set_prepared_statement_cache_size(size);
    }
}

impl PoolableConnection for Conn {
    /// Asking "are you there?" before each use is not worth a round trip; only a connection that was left in the middle
    /// of a statement is asked.
    async fn ping(&mut self, _: &RecyclingMethod<Self>) -> Query<()> {
        if *self.unfinished.get_mut() > 0 { self.settle().await } else { Ok(()) }
    }

    fn is_broken(&mut self) -> bool {
        self.inner.is_broken() || self.born != self.age.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::watched;

    #[test]
    fn what_the_operator_wrote_stays() {
        assert_eq!(
            watched("postgres://db/chat"),
            "postgres://db/chat?connect_timeout=5&tcp_user_timeout=10&keepalives_idle=5&keepalives_interval=3"
        );
        let url = "postgres:///chat?host=%2Frun&connect_timeout=1&tcp_user_timeout=2&keepalives_idle=3";
        assert_eq!(watched(url), format!("{url}&keepalives_interval=3"));
        let words = "host=db user=chat tcp_user_timeout=2 keepalives_idle=3 keepalives_interval=4";
        assert_eq!(watched(words), format!("{words} connect_timeout=5"));
    }
}

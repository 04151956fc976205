//! Pools of kept connections, limited in size. Searches and binds as a person have one pool each, because a
//! bind changes a connection's identity. When all connections are in use, requests wait briefly in a bounded
//! queue and are then rejected.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::{Duration, Instant};

use super::ldap::Connection;
use super::queue::{ConnectionPermit, ConnectionQueue, Rank};
use crate::directory::error::DirectoryError;

/// How long a request waits for a connection before it is rejected. Waiting is better than typing the
/// password again.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);
/// A connection that was idle for longer is checked first: a firewall may have dropped it.
const TRUSTED_IDLE: Duration = Duration::from_secs(15);

/// The counters of one pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolStats {
    pub size: usize,
    pub in_use: usize,
    pub idle: usize,
    pub waiting: usize,
    pub opened: u64,
    /// Requests that were rejected since the start.
    pub shed: u64,
    /// Requests that timed out since the start.
    pub timeouts: u64,
}

impl fmt::Display for PoolStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { size, in_use, idle, waiting, opened, shed, timeouts } = self;
        write!(
            f,
            "{in_use} of {size} in use, {idle} idle, {waiting} waiting, {opened} opened, {shed} rejected, {timeouts} timed out"
        )
    }
}

pub(crate) struct Pool {
    size: usize,
    patience: Duration,
    connection_queue: ConnectionQueue,
    idle: Mutex<Vec<(usize, Connection)>>,
    opened: AtomicU64,
    shed: AtomicU64,
    timeouts: AtomicU64,
}

/// The right to use one connection. A connection that is taken and not returned is closed.
pub(crate) struct Slot<'a> {
    pool: &'a Pool,
    _permit: ConnectionPermit,
}

impl Pool {
    pub(crate) fn new(size: u32, patience: Duration) -> Self {
        let size = usize::try_from(size.max(1)).unwrap_or(1);
        Self {
            size,
            patience,
            connection_queue: ConnectionQueue::new(size),
            idle: Mutex::default(),
            opened: AtomicU64::new(0),
            shed: AtomicU64::new(0),
            timeouts: AtomicU64::new(0),
        }
    }

    /// Waits briefly for a connection to be free.
    pub(crate) async fn enter(&self, rank: Rank, deadline: Instant) -> Result<Slot<'_>, DirectoryError> {
        let now = Instant::now();
        // a quarter of the time is left for the request itself
        let patience = self.patience.min(deadline.saturating_duration_since(now) * 3 / 4);
        let permit = self.connection_queue.enter(rank, now + patience).await;
        permit.map(|permit| Slot { pool: self, _permit: permit }).ok_or_else(|| self.shed())
    }

    fn shed(&self) -> DirectoryError {
        self.shed.fetch_add(1, Ordering::Relaxed);
        DirectoryError::Busy
    }

    /// Closes the kept connections to all other servers.
    pub(crate) fn keep_only(&self, server: usize) {
        self.idle().retain(|(at, _)| *at == server);
    }

    /// Counts a request that timed out.
    pub(crate) fn timed_out(&self) {
        self.timeouts.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn stats(&self) -> PoolStats {
        PoolStats {
            size: self.size,
            in_use: self.connection_queue.in_use(),
            idle: self.idle().len(),
            waiting: self.connection_queue.waiting(),
            opened: self.opened.load(Ordering::Relaxed),
            shed: self.shed.load(Ordering::Relaxed),
            timeouts: self.timeouts.load(Ordering::Relaxed),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(usize, Connection)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> Slot<'a> {
    pub(crate) fn pool(&self) -> &'a Pool {
        self.pool
    }

    /// The most recently used connection to this server, if a fit one is kept.
    pub(crate) async fn kept(&self, server: usize, until: Instant) -> Option<Connection> {
        while let Some(mut connection) = self.take(server) {
            if !connection.is_fit(Instant::now()) {
                continue;
            }
            if connection.is_alive(TRUSTED_IDLE, until).await {
                return Some(connection);
            }
            // the others were idle for even longer: checking each would take the whole time of the request
            self.pool.idle().retain(|(at, _)| *at != server);
        }
        None
    }

    fn take(&self, server: usize) -> Option<Connection> {
        let mut idle = self.pool.idle();
        let at = idle.iter().rposition(|(at, _)| *at == server)?;
        Some(idle.remove(at).1)
    }

    /// Counts a connection that is opened for this slot.
    pub(crate) fn opening(&self) {
        self.pool.opened.fetch_add(1, Ordering::Relaxed);
    }

    /// Keeps the connection for the next request; only after a valid response.
    pub(crate) fn give_back(&self, server: usize, connection: Connection) {
        let mut idle = self.pool.idle();
        if idle.len() >= self.pool.size {
            idle.remove(0);
        }
        idle.push((server, connection));
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;
    use crate::directory::connection::queue::LONGEST_QUEUE;

    fn deadline() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    #[tokio::test]
    async fn a_waiting_request_is_served_when_a_connection_is_free() {
        let pool = Pool::new(2, PATIENCE * 100);
        let held = (pool.enter(Rank::First, deadline()).await, pool.enter(Rank::First, deadline()).await);
        let (late, ()) = tokio::join!(pool.enter(Rank::First, deadline()), async { drop(held.0) });
        assert!(late.is_ok());
        assert_eq!((pool.stats().shed, pool.stats().waiting, pool.stats().in_use), (0, 0, 2));
    }

    #[tokio::test]
    async fn a_request_that_waits_too_long_is_rejected() {
        let pool = Pool::new(1, Duration::ZERO);
        let _held = pool.enter(Rank::First, deadline()).await;
        assert_eq!(pool.enter(Rank::First, deadline()).await.err(), Some(DirectoryError::Busy));
        assert_eq!((pool.stats().shed, pool.stats().waiting), (1, 0));
    }

    #[tokio::test]
    async fn the_queue_has_an_end() {
        let pool = Pool::new(1, PATIENCE * 100);
        let held = pool.enter(Rank::First, deadline()).await;
        let crowd = join_all(
            (0..LONGEST_QUEUE + 10).map(|_| async { pool.enter(Rank::First, deadline()).await.is_ok() }),
        );
        let (crowd, ()) = tokio::join!(crowd, async {
            assert_eq!((pool.stats().waiting, pool.stats().shed), (LONGEST_QUEUE, 10));
            drop(held);
        });
        assert_eq!(crowd.iter().filter(|served| !**served).count(), 10);
    }
}

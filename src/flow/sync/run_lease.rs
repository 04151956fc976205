//! Hold the lease of a directory: of all nodes and commands, one works on it at a time. The holder renews it
//! every few seconds, and another process takes over soon after it has died.

use tokio::time::{Duration, Instant};

use super::order::SyncError;
use crate::domain::entry::DirectoryId;
use crate::domain::{Millis, SECOND};
use crate::flow::installation::context::SyncParts;
use crate::keys::random_id;
use crate::store::StoreError;

/// The lifetime of a lease that is not renewed.
const LEASE: Millis = 10 * SECOND;

/// How often the holder renews it, even while waiting for a response.
const RENEW: Duration = Duration::from_secs(3);

/// How long to wait for another process to finish; a round takes a second or two.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long to wait before trying again to get the lease.
const AGAIN: Duration = Duration::from_millis(100);

/// A lease of work that one process does at a time.
pub(crate) struct RunLease<'a> {
    parts: &'a SyncParts,
    name: String,
    holder: String,
}

impl<'a> RunLease<'a> {
    /// The lease of a directory's mirror and accounts. Closes a run that a killed process has left open.
    pub(super) async fn at(parts: &'a SyncParts, directory: &DirectoryId) -> Result<Self, SyncError> {
        let lease = Self::take(parts, format!("sync:{directory}"), PATIENCE).await?;
        let lease = lease.ok_or(SyncError::Running)?;
        parts.store.sync().close_interrupted(directory, parts.now()).await?;
        Ok(lease)
    }

    /// The lease of watching a directory for changes.
    pub(crate) async fn watching(
        parts: &'a SyncParts,
        directory: &DirectoryId,
    ) -> Result<Option<Self>, StoreError> {
        Self::take(parts, format!("watch:{directory}"), Duration::ZERO).await
    }

    async fn take(
        parts: &'a SyncParts,
        name: String,
        patience: Duration,
    ) -> Result<Option<Self>, StoreError> {
        let lease = Self { parts, name, holder: random_id() };
        let end = Instant::now() + patience;
        loop {
            if lease.renew().await? {
                return Ok(Some(lease));
            }
            if Instant::now() >= end {
                return Ok(None);
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn renew(&self) -> Result<bool, StoreError> {
        let now = self.parts.now();
        self.parts.store.settings().acquire_lease(&self.name, &self.holder, now + LEASE, now).await
    }

    /// Does the work and releases the lease. The work ends at once if another process has taken over.
    pub(crate) async fn spend<T>(
        self,
        work: impl Future<Output = Result<T, SyncError>>,
    ) -> Result<T, SyncError> {
        // The lease outlasts a few failed renewals, so a short outage of the store does not end the work.
        let renew = async || self.renew().await.unwrap_or(true);
        // On the heap: the call stack of the work is deep, and a thread's stack is small.
        let result = renewed(Box::pin(work), RENEW, renew).await;
        self.parts.store.settings().release_lease(&self.name, &self.holder).await?;
        result
    }
}

/// Does the work, and renews the lease meanwhile.
async fn renewed<T, F: Future<Output = bool>>(
    work: impl Future<Output = Result<T, SyncError>>,
    every: Duration,
    renew: impl Fn() -> F,
) -> Result<T, SyncError> {
    let lost = async {
        loop {
            tokio::time::sleep(every).await;
            if !renew().await {
                return;
            }
        }
    };
    tokio::select! {
        done = work => done,
        () = lost => Err(SyncError::Overtaken),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const AT_ONCE: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn a_lease_is_renewed_while_one_response_takes_long() {
        let (renewals, enough) = (AtomicU32::new(0), tokio::sync::Notify::new());
        let work = async {
            enough.notified().await;
            Ok(())
        };
        let renew = async || {
            if renewals.fetch_add(1, Ordering::Relaxed) == 3 {
                enough.notify_one();
            }
            true
        };
        assert!(renewed(work, AT_ONCE, renew).await.is_ok());
    }

    #[tokio::test]
    async fn work_of_a_lost_lease_ends_while_it_waits() {
        let lost = renewed(std::future::pending::<Result<(), _>>(), AT_ONCE, async || false).await;
        assert!(matches!(lost, Err(SyncError::Overtaken)));
    }
}

//! Hold a lease: of all nodes and commands, one does a piece of work at a time. The holder renews it every few
//! seconds, and another process takes over soon after it has died.

use tokio::time::{Duration, Instant};

use crate::clock::Clock;
use crate::domain::{Millis, SECOND};
use crate::keys::random_id;
use crate::store::{Store, StoreError};

/// The lifetime of a lease that is not renewed.
const LEASE: Millis = 10 * SECOND;

/// How often the holder renews it, even while waiting for a response.
const RENEW: Duration = Duration::from_secs(3);

/// How long to wait before trying again to get the lease.
const AGAIN: Duration = Duration::from_millis(100);

/// A lease of work that one process does at a time.
pub(in crate::flow) struct Lease<'a> {
    store: &'a Store,
    clock: &'a Clock,
    name: String,
    holder: String,
}

/// Another process has taken over, because the lease of this one expired.
#[derive(Clone, Copy, Debug)]
pub struct LeaseLost;

impl<'a> Lease<'a> {
    /// Takes the lease with this name; `None` if another process keeps it for `patience`.
    pub(in crate::flow) async fn take(
        store: &'a Store,
        clock: &'a Clock,
        name: String,
        patience: Duration,
    ) -> Result<Option<Self>, StoreError> {
        let lease = Self { store, clock, name, holder: random_id() };
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
        let now = self.clock.now();
        self.store.settings().acquire_lease(&self.name, &self.holder, now + LEASE, now).await
    }

    /// Does the work and releases the lease. The work ends at once if another process has taken over.
    pub(in crate::flow) async fn spend<T, E: From<LeaseLost> + From<StoreError>>(
        self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        // The lease outlasts a few failed renewals, so a short outage of the store does not end the work.
        let renew = async || self.renew().await.unwrap_or(true);
        // On the heap: the call stack of the work is deep, and a thread's stack is small.
        let result = renewed(Box::pin(work), RENEW, renew).await;
        self.store.settings().release_lease(&self.name, &self.holder).await?;
        result
    }
}

/// Does the work, and renews the lease meanwhile.
async fn renewed<T, E: From<LeaseLost>, F: Future<Output = bool>>(
    work: impl Future<Output = Result<T, E>>,
    every: Duration,
    renew: impl Fn() -> F,
) -> Result<T, E> {
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
        () = lost => Err(LeaseLost.into()),
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
            Ok::<(), LeaseLost>(())
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
        let lost = renewed(std::future::pending::<Result<(), LeaseLost>>(), AT_ONCE, async || false).await;
        assert!(lost.is_err());
    }
}

//! Retry while the database is unreachable. Only work that was certainly not written is repeated.

use std::time::Duration;

use tokio::time::sleep;

use super::error::{Result, StoreError};

/// How long a request waits for the database to come back.
pub(in crate::store) const WAIT: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(20);

/// Repeats `attempt` as long as it fails with [`StoreError::Unreachable`] and [`WAIT`] has not passed.
pub(in crate::store) async fn retry<T, F: Future<Output = Result<T>>>(attempt: impl Fn() -> F) -> Result<T> {
    let over = sleep(WAIT);
    tokio::pin!(over);
    loop {
        let failed = match attempt().await {
            Err(error @ StoreError::Unreachable(_)) => error,
            done => return done,
        };
        tokio::select! {
            biased;
            () = &mut over => return Err(failed),
            () = sleep(PAUSE) => {}
        }
    }
}

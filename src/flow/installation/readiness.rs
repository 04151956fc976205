//! Checks whether this process can work: both stores respond, the stored settings are active and the
//! scheduled jobs run. An unavailable directory does not count: other directories, existing sessions and the
//! error page still work.

use crate::flow::installation::background::Background;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::InstallationError;
use crate::store::StoreError;
use crate::volatile::VolatileError;

/// Why the process is not ready. Any client can read the text, so it names no server.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    #[error("the database does not respond")]
    Store(#[source] StoreError),
    #[error("the short-lived state does not respond")]
    Volatile(#[source] VolatileError),
    /// A node that cannot apply the stored settings would answer every sign-in with "start again".
    #[error("the stored settings cannot be applied: see the log")]
    Settings(#[source] InstallationError),
    /// A node without its jobs applies no new settings or keys, rotates none and deletes nothing. See its
    /// log.
    #[error("a background job keeps failing: see the log")]
    Job(&'static str),
}

/// Checks everything that this process depends on.
pub async fn check(parts: &LoginParts, background: &Background) -> Result<(), NotReady> {
    let (store, volatile) = (parts.store.ping().await, parts.volatile.ping().await);
    store.map_err(NotReady::Store)?;
    volatile.map_err(NotReady::Volatile)?;
    parts.installation.refresh().await.map_err(NotReady::Settings)?;
    background.failing().map_or(Ok(()), |job| Err(NotReady::Job(job)))
}

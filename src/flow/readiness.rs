//! Whether this process can do its work: both stores answer, the settings are in force, and what runs by the clock runs. A
//! directory that is away does not count: other directories, living sessions and the page about the outage still work.

use crate::flow::context::Parts;
use crate::flow::estate::EstateError;
use crate::store::StoreError;
use crate::volatile::VolatileError;

/// Why a process is not ready. The text is for the one who asks: it names no server.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// The database.
    #[error("the store does not answer")]
    Store(#[source] StoreError),
    /// Redis.
    #[error("the short-lived state does not answer")]
    Volatile(#[source] VolatileError),
    /// A node that can't put the stored settings in force would answer every sign-in with "start again".
    #[error("the settings in the store can't be put in force")]
    Settings(#[source] EstateError),
    /// A node whose jobs die takes over no settings or keys, rotates none and forgets nothing. The log says why they die.
    #[error("a job in the background keeps dying")]
    Job(&'static str),
}

/// Asks everything that this process depends on.
pub async fn check(parts: &Parts) -> Result<(), NotReady> {
    let (store, volatile) = (parts.store.ping().await, parts.volatile.ping().await);
    store.map_err(NotReady::Store)?;
    volatile.map_err(NotReady::Volatile)?;
    parts.estate.refresh().await.map_err(NotReady::Settings)?;
    parts.background.failing().map_or(Ok(()), |job| Err(NotReady::Job(job)))
}

//! Report an initial sync that takes very long: log it, and create a support bundle.

use tokio::time::{Duration, sleep, timeout};

use crate::domain::entry::DirectoryId;
use crate::domain::slow::Initial;
use crate::domain::{MINUTE, Millis};
use crate::flow::installation::context::SyncParts;
use crate::store::{RunFilter, RunResult, StoreError};

/// How often to check the duration.
const LOOK: Duration = Duration::from_secs(1);

/// How long finished work waits for the bundle; checking all servers of a directory takes less.
const FINISH: Duration = Duration::from_secs(60);

/// How often to check once it was reported: the process that began the bundle may have died.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// How long the initial sync of a directory has been running, if that is too long.
pub async fn slow_for(parts: &SyncParts, directory: &DirectoryId) -> Result<Option<Millis>, StoreError> {
    Ok(initial(parts, directory).await?.slow_for(parts.now()))
}

async fn initial(parts: &SyncParts, directory: &DirectoryId) -> Result<Initial, StoreError> {
    if parts.store.sync().completed_at(directory).await?.is_some() {
        return Ok(Initial { done: true, ..Initial::default() });
    }
    let newest = RunFilter { directory: Some(directory.clone()), limit: 1, ..RunFilter::default() };
    let running = parts.store.sync().runs_of(&newest).await?.pop();
    let running = running.filter(|run| run.result == RunResult::Running);
    let scan = parts.store.sync().mirror_state(directory).await?.scan;
    Ok(Initial {
        done: false,
        run_since: running.map(|run| run.started_at),
        read_since: scan.map(|scan| scan.started_at),
    })
}

/// Does the work, and checks meanwhile how long an initial sync takes. A bundle that was begun is finished
/// even if the work has failed: it is needed most then.
pub(super) async fn watched<T>(
    parts: &SyncParts,
    directory: &DirectoryId,
    work: impl Future<Output = T>,
) -> T {
    tokio::pin!(work);
    let lasted = tokio::select! {
        done = &mut work => return done,
        lasted = Box::pin(too_long(parts, directory)) => lasted,
    };
    let mut bundle = Box::pin(leave_bundle(parts, directory, lasted));
    tokio::select! {
        done = &mut work => {
            let _ = timeout(FINISH, bundle).await;
            done
        }
        () = &mut bundle => work.await,
    }
}

/// Waits until the sync has taken too long and no other process creates the bundle; returns the duration.
async fn too_long(parts: &SyncParts, directory: &DirectoryId) -> Millis {
    let (mut pause, mut reported) = (LOOK, false);
    loop {
        sleep(pause).await;
        // The work reports an unavailable store.
        let Ok(initial) = initial(parts, directory).await else { continue };
        if initial.done {
            std::future::pending::<()>().await;
        }
        let Some(lasted) = initial.slow_for(parts.now()) else { continue };
        if !reported {
            let minutes = lasted / MINUTE;
            tracing::warn!(%directory, minutes, "the initial sync takes very long; see: cloudsync-idp sync status");
        }
        (pause, reported) = (LOOK_AGAIN, true);
        // Once for each directory, by the first process.
        if parts.store.sync().claim_bundle(directory, parts.now()).await.unwrap_or(false) {
            return lasted;
        }
    }
}

async fn leave_bundle(parts: &SyncParts, directory: &DirectoryId, lasted: Millis) {
    let why = format!("the initial sync of {directory} has been running for {} minutes", lasted / MINUTE);
    match (parts.write_bundle)(directory.clone(), why).await {
        Ok(place) => {
            tracing::warn!(%directory, place, "a support bundle was written; it contains no secrets");
            if let Err(error) = parts.store.sync().note_bundle(directory, &place).await {
                tracing::warn!(%directory, %error, "the place of the support bundle could not be stored");
            }
        }
        Err(error) => {
            tracing::warn!(%directory, %error, "no support bundle could be written; make one with: cloudsync-idp support-bundle FILE");
        }
    }
}

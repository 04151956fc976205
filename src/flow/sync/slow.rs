//! An initial sync that takes very long: whoever runs the provider is told, and finds what a helper will ask for.

use tokio::time::{Duration, sleep, timeout};

use crate::domain::entry::DirectoryId;
use crate::domain::slow::Initial;
use crate::domain::{MINUTE, Millis};
use crate::flow::installation::context::Parts;
use crate::flow::support::bundle::write_by_itself;
use crate::store::{RunFilter, RunResult, StoreError};

/// How often to look how long it has been.
const LOOK: Duration = Duration::from_secs(1);

/// How long work that is done waits for the bundle: a look at all servers of a directory takes less.
const FINISH: Duration = Duration::from_secs(60);

/// How often, once somebody was told: whoever began to write the bundle may have died over it.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// For how long the initial sync of a directory has been going on, once that is too long.
pub async fn slow_for(parts: &Parts, directory: &DirectoryId) -> Result<Option<Millis>, StoreError> {
    Ok(initial(parts, directory).await?.slow_for(parts.now()))
}

async fn initial(parts: &Parts, directory: &DirectoryId) -> Result<Initial, StoreError> {
    if parts.store.sync().imported_at(directory).await?.is_some() {
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

/// Does the work, and looks beside it how long an initial sync takes. A bundle that was begun is written to its end, also
/// when the work has failed meanwhile: it is wanted most then.
pub(super) async fn watched<T>(parts: &Parts, directory: &DirectoryId, work: impl Future<Output = T>) -> T {
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

/// Waits until it has taken too long and nobody else writes the bundle; for how long it has been going on.
async fn too_long(parts: &Parts, directory: &DirectoryId) -> Millis {
    let (mut pause, mut told) = (LOOK, false);
    loop {
        sleep(pause).await;
        // A store that does not answer is for the work to tell.
        let Ok(initial) = initial(parts, directory).await else { continue };
        if initial.done {
            std::future::pending::<()>().await;
        }
        let Some(lasted) = initial.slow_for(parts.now()) else { continue };
        if !told {
            let minutes = lasted / MINUTE;
            tracing::warn!(%directory, minutes, "the initial sync takes very long; see: cloudsync-idp sync status");
        }
        (pause, told) = (LOOK_AGAIN, true);
        // Once a directory, by whoever comes first.
        if parts.store.sync().claim_bundle(directory, parts.now()).await.unwrap_or(false) {
            return lasted;
        }
    }
}

async fn leave_bundle(parts: &Parts, directory: &DirectoryId, lasted: Millis) {
    let why = format!("the initial sync of {directory} has been going on for {} minutes", lasted / MINUTE);
    match write_by_itself(parts, directory, &why).await {
        Ok(place) => {
            tracing::warn!(%directory, place, "a support bundle was written; no secret is in it");
            if let Err(error) = parts.store.sync().note_bundle(directory, &place).await {
                tracing::warn!(%directory, %error, "where the support bundle is could not be noted");
            }
        }
        Err(error) => {
            tracing::warn!(%directory, %error, "no support bundle could be written; make one with: cloudsync-idp support-bundle FILE");
        }
    }
}

//! Pause and resume the sync of a directory. A directory that was never imported waits, so that nobody gets an
//! account before an admin has seen who would.

use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::entry::DirectoryId;
use crate::flow::installation::context::SyncParts;
use crate::store::{Pause, StoreError};

use super::acting;

/// Why a directory waits that was never imported.
pub const WAITS_FOR_IMPORT: &str = "waits for Run Initial Sync";

/// Lets a directory wait until an admin has applied the plan of its initial sync. Nothing changes for one that
/// was imported, or is paused already.
pub async fn wait_for_import(parts: &SyncParts, directory: &DirectoryId) -> Result<(), StoreError> {
    if parts.store.sync().completed_at(directory).await?.is_none() {
        parts.store.sync().pause_directory(directory, WAITS_FOR_IMPORT, parts.now(), None).await?;
    }
    Ok(())
}

/// Ends that waiting; a pause for another reason stays.
pub(super) async fn import_begins(parts: &SyncParts, directory: &DirectoryId) -> Result<(), StoreError> {
    let pause = parts.store.sync().paused(directory).await?;
    if pause.is_some_and(|pause| pause.why == WAITS_FOR_IMPORT) {
        parts.store.sync().resume(directory, None).await?;
    }
    Ok(())
}

/// Pauses the sync of a directory. False if it was paused already.
pub async fn pause(parts: &SyncParts, directory: &DirectoryId, actor: &Actor) -> Result<bool, StoreError> {
    let by = acting::name(parts, actor).await?;
    let event = event(parts, Decision::SyncPaused, directory, actor);
    parts.store.sync().pause_directory(directory, &format!("paused by {by}"), event.at, Some(&event)).await
}

/// Resumes it. Returns why it was paused; `None` if it was not.
pub async fn resume(
    parts: &SyncParts,
    directory: &DirectoryId,
    actor: &Actor,
) -> Result<Option<Pause>, StoreError> {
    let pause = parts.store.sync().paused(directory).await?;
    let event = event(parts, Decision::SyncResumed, directory, actor);
    let resumed = pause.is_some() && parts.store.sync().resume(directory, Some(&event)).await?;
    Ok(pause.filter(|_| resumed))
}

fn event(parts: &SyncParts, decision: Decision, directory: &DirectoryId, actor: &Actor) -> Event {
    let event = Event::new(parts.now(), decision).by(actor);
    Event { directory: Some(directory.0.clone()), ..event }
}

//! Stop the run of a directory. What it has written stays, nothing is taken back, and the sync is paused until
//! an administrator resumes it.

use super::acting;
use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::entry::DirectoryId;
use crate::flow::installation::context::SyncParts;
use crate::store::{RunId, StopOutcome, StoreError};

/// Asks the run of a directory to stop, whichever process it is in; with `only`, no other run.
pub async fn stop(
    parts: &SyncParts,
    directory: &DirectoryId,
    only: Option<RunId>,
    actor: &Actor,
) -> Result<StopOutcome, StoreError> {
    let by = acting::name(parts, actor).await?;
    let event = Event::new(parts.now(), Decision::SyncStopped).by(actor);
    let event = Event { directory: Some(directory.0.clone()), ..event };
    parts.store.sync().ask_to_stop(directory, only, &by, &event).await
}

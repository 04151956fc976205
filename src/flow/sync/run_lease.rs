//! The leases of a directory's sync: of all nodes and commands, one watches it and one works on it.

use tokio::time::Duration;

use super::order::SyncError;
use crate::domain::entry::DirectoryId;
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::lease::Lease;
use crate::store::StoreError;

/// How long to wait for another process to finish; a round takes a second or two.
const PATIENCE: Duration = Duration::from_secs(20);

/// The lease of a directory's mirror and accounts. Closes a run that a killed process has left open.
pub(super) async fn to_work<'a>(
    parts: &'a SyncParts,
    directory: &DirectoryId,
) -> Result<Lease<'a>, SyncError> {
    let name = format!("sync:{directory}");
    let lease = Lease::take(&parts.store, &parts.clock, name, PATIENCE).await?.ok_or(SyncError::Running)?;
    parts.store.sync().close_interrupted(directory, parts.now()).await?;
    Ok(lease)
}

/// True while something works on a directory.
pub async fn is_taken(parts: &SyncParts, directory: &DirectoryId) -> Result<bool, StoreError> {
    parts.store.settings().is_lease_held(&format!("sync:{directory}"), parts.now()).await
}

/// The lease of watching a directory for changes; `None` while another process has it.
pub(super) async fn to_watch<'a>(
    parts: &'a SyncParts,
    directory: &DirectoryId,
) -> Result<Option<Lease<'a>>, StoreError> {
    Lease::take(&parts.store, &parts.clock, format!("watch:{directory}"), Duration::ZERO).await
}

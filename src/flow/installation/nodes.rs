//! Register this process in the store, with the sealing keys that it holds: a rotation waits until all
//! processes hold the next key before it uses it.

use crate::domain::{Millis, SECOND};
use crate::flow::installation::context::OperationParts;
use crate::keys::KeyId;
use crate::store::{NodeRow, StoreError};

/// How often it is registered if nothing changes.
const NOTED_EVERY: Millis = 15 * SECOND;
/// A process counts as ended when it was not registered for so long. Clocks of nodes may differ by a minute.
pub const ALIVE: Millis = 90 * SECOND;

/// Registers this process if its keys have changed or the last entry is old.
pub async fn note(parts: &OperationParts) -> Result<(), StoreError> {
    let (now, keys) = (parts.now(), parts.keys.sealer.held());
    let keys: Vec<String> = keys.iter().map(KeyId::to_string).collect();
    let last = parts.process.node.last_noted();
    if last.is_some_and(|(noted, at)| noted == keys && now - at < NOTED_EVERY) {
        return Ok(());
    }
    let host = parts.process.startup.host.clone();
    let node = NodeRow { id: parts.process.node.id.clone(), host, sealing_keys: keys, noted_at: now };
    parts.store.settings().note_node(&node).await?;
    parts.process.node.noted(node.sealing_keys, now);
    Ok(())
}

/// Removes this process from the list when it stops.
pub async fn leave(parts: &OperationParts) -> Result<(), StoreError> {
    parts.store.settings().forget_node(&parts.process.node.id).await
}

/// The running processes.
pub async fn serving(parts: &OperationParts) -> Result<Vec<NodeRow>, StoreError> {
    parts.store.settings().nodes(parts.now() - ALIVE).await
}

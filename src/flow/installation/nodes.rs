//! This process among those that serve: it notes in the store which sealing keys it holds, so that a rotation can wait until
//! all processes hold the next key before it uses it.

use std::sync::{Mutex, PoisonError};

use crate::domain::{Millis, SECOND};
use crate::flow::installation::context::Parts;
use crate::keys::{KeyId, random_id};
use crate::store::{NodeRow, StoreError};

/// How often it is noted, where nothing changes.
const NOTED_EVERY: Millis = 15 * SECOND;
/// Whoever has not been heard of for so long has ended. Clocks of nodes may differ by a minute.
pub const ALIVE: Millis = 90 * SECOND;

/// This process.
#[derive(Debug)]
pub struct Node {
    id: String,
    /// What was noted last, and when.
    noted: Mutex<Option<(Vec<String>, Millis)>>,
}

impl Default for Node {
    fn default() -> Self {
        Self { id: random_id(), noted: Mutex::default() }
    }
}

/// Notes this process, where its keys have changed or the last note grows old.
pub async fn note(parts: &Parts) -> Result<(), StoreError> {
    let (now, keys) = (parts.now(), parts.keys.sealer.held());
    let keys: Vec<String> = keys.iter().map(KeyId::to_string).collect();
    let last = parts.node.noted.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if last.is_some_and(|(noted, at)| noted == keys && now - at < NOTED_EVERY) {
        return Ok(());
    }
    let host = parts.startup.host.clone();
    let node = NodeRow { id: parts.node.id.clone(), host, sealing_keys: keys, noted_at: now };
    parts.store.settings().note_node(&node).await?;
    *parts.node.noted.lock().unwrap_or_else(PoisonError::into_inner) = Some((node.sealing_keys, now));
    Ok(())
}

/// Takes this process out of the list: it ends.
pub async fn leave(parts: &Parts) -> Result<(), StoreError> {
    parts.store.settings().forget_node(&parts.node.id).await
}

/// The processes that serve now.
pub async fn serving(parts: &Parts) -> Result<Vec<NodeRow>, StoreError> {
    parts.store.settings().nodes(parts.now() - ALIVE).await
}

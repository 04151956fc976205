//! Watch each directory of the settings, as long as it is in them.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::task::JoinHandle;

use super::{LOOK_AGAIN, WATCHES};
use crate::domain::entry::DirectoryId;
use crate::flow::installation::background::Background;
use crate::flow::installation::context::SyncParts;
use crate::flow::sync::watch::watch;

/// The watching tasks; dropping this aborts them.
#[derive(Default)]
struct Watches(HashMap<DirectoryId, JoinHandle<()>>);

impl Drop for Watches {
    fn drop(&mut self) {
        self.0.values().for_each(JoinHandle::abort);
    }
}

/// A job of its own, since an initial sync may take minutes and settings that fix it must be reloaded
/// meanwhile.
pub(super) async fn run(parts: SyncParts, background: Arc<Background>) {
    let mut watches = Watches::default();
    loop {
        let wanted: Vec<DirectoryId> = parts.current().sites().iter().map(|site| site.id().clone()).collect();
        watches.0.retain(|id, watch| {
            let died = watch.is_finished();
            if died && wanted.contains(id) {
                background.died(WATCHES);
                tracing::error!(directory = %id, "watching a directory has ended and is restarted");
            }
            !died
        });
        for id in wanted {
            watches.0.entry(id).or_insert_with_key(|id| {
                let (parts, id) = (parts.clone(), id.clone());
                tokio::spawn(async move { watch(&parts, &id).await })
            });
        }
        if watches.0.values().all(|watch| !watch.is_finished()) {
            background.lives(WATCHES);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

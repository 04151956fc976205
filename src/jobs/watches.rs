//! One watch for each directory in the settings: begun when it appears there, ended when it is gone.

use std::collections::HashMap;

use tokio::task::JoinHandle;

use super::{LOOK_AGAIN, WATCHES};
use crate::domain::entry::DirectoryId;
use crate::flow::context::Parts;
use crate::flow::sync::watch::watch;

/// The tasks that watch; they end with this.
#[derive(Default)]
struct Watches(HashMap<DirectoryId, JoinHandle<()>>);

impl Drop for Watches {
    fn drop(&mut self) {
        self.0.values().for_each(JoinHandle::abort);
    }
}

/// Beside the rest, since a first import may take minutes: settings that mend it are taken over meanwhile.
pub(super) async fn run(parts: Parts) {
    let mut watches = Watches::default();
    loop {
        let wanted: Vec<DirectoryId> = parts.current().sites().iter().map(|site| site.id().clone()).collect();
        watches.0.retain(|id, watch| {
            let died = watch.is_finished();
            if died && wanted.contains(id) {
                parts.background.died(WATCHES);
                tracing::error!(directory = %id, "the watch of a directory has died and is started again");
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
            parts.background.lives(WATCHES);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

//! Deliver to each service of the settings, as long as it is in them.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::task::JoinHandle;

use super::{DELIVERIES, LOOK_AGAIN};
use crate::flow::delivery::deliver;
use crate::flow::installation::context::OperationParts;

/// The sending tasks; dropping this aborts them.
#[derive(Default)]
struct Senders(HashMap<String, JoinHandle<()>>);

impl Drop for Senders {
    fn drop(&mut self) {
        self.0.values().for_each(JoinHandle::abort);
    }
}

/// Each service has a task of its own: one that is away keeps no other waiting.
pub(super) async fn run(parts: OperationParts) {
    let background = Arc::clone(&parts.process.background);
    let mut senders = Senders::default();
    loop {
        let current = parts.current();
        let enabled = current.settings.provisioning.iter().filter(|service| service.enabled);
        let wanted: Vec<String> = enabled.map(|service| service.id.clone()).collect();
        senders.0.retain(|id, sender| {
            let died = sender.is_finished();
            if died && wanted.contains(id) {
                background.died(DELIVERIES);
                tracing::error!(service = id, "delivering has ended and is restarted");
            }
            !died
        });
        for id in wanted {
            senders.0.entry(id).or_insert_with_key(|id| {
                let (parts, id) = (parts.clone(), id.clone());
                tokio::spawn(async move { deliver(&parts, &id).await })
            });
        }
        if senders.0.values().all(|sender| !sender.is_finished()) {
            background.lives(DELIVERIES);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

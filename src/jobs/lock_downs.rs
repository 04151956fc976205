//! Note the end of lock-downs once every client and service has confirmed it, or was given up.

use std::sync::Arc;
use std::time::Duration;

use super::kept_alive::kept_alive;
use super::{LOCK_DOWNS, PAUSE};
use crate::flow::account::lock_down::conclude_some;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::PanelParts;

/// How often it is looked at some of those that are open.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Runs until it is dropped.
pub(super) async fn run(parts: PanelParts) {
    let background = Arc::clone(&parts.operation.process.background);
    kept_alive(LOCK_DOWNS, background, PAUSE, move || conclude(parts.clone())).await;
}

async fn conclude(parts: PanelParts) {
    let mut after = None;
    loop {
        after = match conclude_some(&parts.login, after).await {
            Ok(next) => next,
            Err(error) => {
                tracing::debug!(error = %Causes(&error), "the end of lock-downs can't be noted");
                None
            }
        };
        parts.operation.process.background.lives(LOCK_DOWNS);
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

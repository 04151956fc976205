//! Long work that admins have ordered: each node takes tasks, and works on several at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::kept_alive::kept_alive;
use super::{PAUSE, TASKS};
use crate::flow::admin::task;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::PanelParts;

/// How often a node looks for a task.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// How many a node works on at once.
const AT_ONCE: usize = 4;

/// Runs until it is dropped.
pub(super) async fn run(parts: PanelParts) {
    let background = Arc::clone(&parts.operation.process.background);
    kept_alive(TASKS, background, PAUSE, move || take(parts.clone())).await;
}

async fn take(parts: PanelParts) {
    let mut working = JoinSet::new();
    loop {
        while working.try_join_next().is_some() {}
        let taken = match working.len() {
            0..AT_ONCE => task::take(&parts).await,
            _ => Ok(None),
        };
        match taken {
            Ok(Some(task)) => {
                let parts = parts.clone();
                working.spawn(async move {
                    if let Err(error) = task::work(&parts, &task).await {
                        tracing::error!(task = task.id, error = %Causes(&error), "the end of a task can't be written");
                    }
                });
            }
            Ok(None) => {
                parts.operation.process.background.lives(TASKS);
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            Err(error) => {
                tracing::debug!(error = %Causes(&error), "no task can be taken");
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
    }
}

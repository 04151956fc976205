//! Jobs for the audit log: link its events to the chain, check the chain, count what the charts show.

use tokio::time::{Duration, interval};

use super::LINK;
use crate::domain::MINUTE;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::OperationParts;
use crate::flow::support::audit_chain::{self, AuditChain, ChainError};
use crate::flow::support::hours;

/// How soon an event is linked.
const LINK_AGAIN: Duration = Duration::from_secs(1);

/// Links new events. A chain that somebody has changed is reported once, and by the daily check.
pub(super) async fn link(parts: OperationParts) {
    let mut reported = None;
    let mut ticks = interval(LINK_AGAIN);
    loop {
        ticks.tick().await;
        match chain(&parts, 0).link_new().await {
            Ok(_) => reported = None,
            Err(ChainError::Broken(broken)) if reported != Some(broken) => {
                tracing::error!(error = %broken, "the audit log was changed; no event is linked until that is resolved");
                reported = Some(broken);
            }
            Err(error) => {
                tracing::debug!(error = %Causes(&error), "events of the audit log wait to be linked")
            }
        }
        parts.process.background.lives(LINK);
    }
}

/// Checks the chain, if that is due.
pub(super) async fn check(parts: OperationParts) {
    match audit_chain::check_if_due(&parts).await {
        Ok(None) => {}
        Ok(Some(found)) => match found.problem {
            Some(problem) => tracing::error!(problem, "the audit log was changed"),
            None => tracing::info!(events = found.events, "the audit log was checked: no event was changed"),
        },
        Err(error) => tracing::warn!(error = %Causes(&error), "the audit log can't be checked"),
    }
}

/// Counts what the charts show.
pub(super) async fn count(parts: OperationParts) {
    let counted = hours::count(&parts).await;
    if let Err(error) = counted.and(hours::measure(&parts).await) {
        tracing::warn!(error = %Causes(&error), "the numbers of the overview can't be counted");
    }
}

/// Removes links of events that have ended, and old numbers.
pub(super) async fn clean_up(parts: &OperationParts) {
    if let Err(error) = chain(parts, MINUTE).remove_ended().await {
        tracing::error!(error = %Causes(&error), "links of old events can't be removed");
    }
    if let Err(error) = hours::remove_old(parts).await {
        tracing::error!(error = %Causes(&error), "old numbers of the overview can't be removed");
    }
}

fn chain(parts: &OperationParts, late: i64) -> AuditChain<'_> {
    AuditChain { store: &parts.store, keys: &parts.keys, now: parts.now() - late }
}

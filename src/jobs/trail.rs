//! Jobs for the audit log: link its events to the chain, check the chain, count what the charts show.

use tokio::time::{Duration, interval};

use super::{HEADS, LINK};
use crate::domain::MINUTE;
use crate::domain::audit_chain::ChainPlace;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::OperationParts;
use crate::flow::support::audit_chain::{self, AuditChain, ChainError, NOT_NOTED};
use crate::flow::support::hours;

/// How soon an event is linked.
const LINK_AGAIN: Duration = Duration::from_secs(1);
const HEAD_AGAIN: Duration = Duration::from_secs(60);
const MINUTES_OF_AN_HOUR: u32 = 60;

/// Links new events. A chain that somebody has changed is reported once, and by the daily check.
pub(super) async fn link(parts: OperationParts) {
    let (mut reported, mut is_noted) = (None, true);
    let mut ticks = interval(LINK_AGAIN);
    loop {
        ticks.tick().await;
        match chain(&parts, 0).link_new().await {
            Ok(linked) => {
                reported = None;
                if linked > 0 && is_noted {
                    is_noted = chain(&parts, 0).is_noted();
                    if !is_noted {
                        tracing::warn!("{NOT_NOTED}");
                    }
                }
            }
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

/// Logs the newest place of the chain once an hour, for whoever keeps the log elsewhere, and looks each minute whether
/// newer events were taken back together with it.
pub(super) async fn note_heads(parts: OperationParts) {
    let (mut seen, mut reported) = (None, None);
    let mut ticks = interval(HEAD_AGAIN);
    for minute in (0..MINUTES_OF_AN_HOUR).cycle() {
        ticks.tick().await;
        match chain(&parts, 0).head_after(seen).await {
            Ok(head) => {
                (seen, reported) = (head, None);
                if minute == 0 {
                    head.iter().for_each(log_head);
                }
            }
            Err(ChainError::Broken(broken)) if reported != Some(broken) => {
                tracing::error!(error = %broken, "the audit log was changed");
                reported = Some(broken);
            }
            Err(error) => {
                tracing::debug!(error = %Causes(&error), "the head of the audit log's chain can't be read")
            }
        }
        parts.process.background.lives(HEADS);
    }
}

/// Links what was written until now, and logs the newest place of the chain.
pub(super) async fn note_last_head(parts: &OperationParts) {
    let chain = chain(parts, 0);
    if let Err(error) = chain.link_new().await {
        tracing::debug!(error = %Causes(&error), "events of the audit log wait to be linked");
    }
    match chain.head().await {
        Ok(head) => head.iter().for_each(log_head),
        Err(error) => {
            tracing::debug!(error = %Causes(&error), "the head of the audit log's chain can't be read")
        }
    }
}

fn log_head(head: &ChainPlace) {
    tracing::info!(%head, "newest place of the audit log's chain, for: cloudsync-idp audit verify --expect HEAD");
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

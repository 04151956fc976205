//! Open the change feed for a run, log what it lacks, and decide when a full read is due.

use tokio::time::{Duration, Instant};

use super::order::{RunOrder, SyncError};
use crate::directory::feed::{AnyFeed, ChangeFeed};
use crate::domain::shortfall::{Shortfall, reconcile_after};
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::store::{FeedRow, MirrorState};

/// How long it may take to find a server and its features.
const OPENING: Duration = Duration::from_secs(15);

/// Opens a connection of its own with the best feed available, preferably to the server that was read last.
pub(super) async fn open(parts: &SyncParts, site: &Site, state: &MirrorState) -> Result<AnyFeed, SyncError> {
    let deadline = Instant::now() + OPENING;
    let scope = site.scope();
    let (feed, probe) = site.directory.feed(state.cursor.as_ref(), scope.filter.as_deref(), deadline).await?;
    let found = FeedRow {
        server: probe.server,
        feed: probe.chosen,
        tells_deletions: probe.tells_deletions,
        shortfalls: probe.reasons,
        probed_at: parts.now(),
    };
    let before = parts.store.sync().feed_of(site.id()).await?;
    parts.store.sync().note_feed(site.id(), &found).await?;
    if before.is_none_or(|before| before.feed != found.feed || before.shortfalls != found.shortfalls) {
        log_feed(site, &found);
    }
    Ok(feed)
}

/// Logs the feed the first time, and when it has changed.
fn log_feed(site: &Site, found: &FeedRow) {
    let FeedRow { server, feed, .. } = found;
    tracing::info!(directory = %site.id(), server, %feed, "how the directory is read");
    for shortfall in &found.shortfalls {
        let (lacks, fix) = (shortfall.what(), shortfall.fix());
        match shortfall {
            Shortfall::NoReplicationRight(_) => tracing::info!(directory = %site.id(), lacks, fix, "feed"),
            _ => tracing::warn!(directory = %site.id(), lacks, fix, "feed"),
        }
    }
}

/// The order for this run, with a full read if due: it finds changes that the feed does not report.
pub(super) fn due<F: ChangeFeed>(
    parts: &SyncParts,
    state: &MirrorState,
    feed: &F,
    order: &RunOrder,
) -> RunOrder {
    let after = reconcile_after(feed.kind(), feed.tells_deletions());
    // A time in the future was written by a clock that was ahead.
    let due = state.scanned_at.is_some_and(|at| !(0..after).contains(&(parts.now() - at)));
    let why = if feed.tells_deletions() { "it was due" } else { "it was due, as deletions are not reported" };
    let everything = order.everything.clone().or_else(|| due.then(|| why.to_owned()));
    RunOrder { everything, ..order.clone() }
}

//! A run and the state of a directory's sync as JSON, for scripts and the support bundle.

use serde_json::{Value, json};

use super::status::{SyncStatus, frequency};
use super::views::{RunView, ShortfallView};
use crate::domain::settings::Directory;
use crate::domain::{Millis, timestamp};
use crate::store::{FeedRow, RunRow};

/// How many of the people whom the guard holds are listed; the count is complete.
pub const LISTED: u32 = 1_000;

/// One run.
#[must_use]
pub fn run(run: &RunRow) -> Value {
    json!(RunView::from(run))
}

/// The state of a directory's sync.
#[must_use]
pub fn sync_status(directory: &Directory, status: &SyncStatus, now: Millis) -> Value {
    let mirror = &status.mirror;
    let failure = status.failure();
    let found = status.feed.as_ref();
    json!({
        "directory": directory.id.0, "name": directory.name, "frequency": frequency(&directory.sync),
        "feed": found.map(|found| found.feed.as_str()), "server": found.map(|found| &found.server),
        "tells_deletions": found.map(|found| found.tells_deletions),
        "feed_lacks": found.map(shortfalls),
        "cursor": mirror.cursor.as_ref().map(|cursor| cursor.position.to_string()),
        "caught_up_at": mirror.caught_up_at.map(timestamp), "scanned_at": mirror.scanned_at.map(timestamp),
        "people": status.people, "accounts": status.accounts, "waiting": status.waiting,
        "held": status.held, "undecided": status.undecided, "conflicts": status.conflicts,
        "scan": mirror.scan.as_ref().map(|scan| json!({
            "seen": scan.seen, "started_at": timestamp(scan.started_at),
        })),
        "slow_for_ms": status.slow_for(now),
        "support_bundle": status.bundle.as_ref().map(|bundle| json!({
            "place": bundle.place, "made_at": timestamp(bundle.made_at),
        })),
        "paused": status.paused.as_ref().map(|pause| json!({
            "why": pause.why, "since": timestamp(pause.since),
        })),
        "newest_run": status.newest.as_ref().map(run),
        "last_good_run": status.last_good.as_ref().map(run),
        "error": failure.map(|(_, error)| error),
        "advice": failure.and_then(|(run, _)| run.details.advice.as_ref()),
    })
}

fn shortfalls(feed: &FeedRow) -> Vec<ShortfallView> {
    feed.shortfalls.iter().map(ShortfallView::from).collect()
}

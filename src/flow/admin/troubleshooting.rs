//! Two of the manual's questions, answered from what is stored now: "Users not syncing" and "Sync is slow".

use serde::Serialize;
use utoipa::ToSchema;

use std::sync::Arc;

use crate::domain::dn::Dn;
use crate::domain::settings::{Depth, Often, Sync};
use crate::domain::{DAY, HOUR, Millis};
use crate::flow::installation::context::PanelParts;
use crate::flow::installation::current::Site;
use crate::flow::installation::fault::Fault;
use crate::flow::sync::history::{RunView, ShortfallView, SyncStatus, sync_status};
use crate::flow::sync::pause::WAITS_FOR_IMPORT;
use crate::flow::sync::units::{empty_groups, units};
use crate::store::{RunFilter, StoreError};

/// How many past runs a page shows.
const RUNS: u32 = 10;

/// How many selected objects without people are named.
const MOST_EMPTY: usize = 20;

/// What keeps people of a directory from being synced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncObstacle {
    NothingSelected,
    /// It waits for Run Initial Sync.
    WaitsForImport,
    NeverImported,
    /// Why, in English.
    Paused(String),
    /// The error and what to do, in English.
    Failed {
        error: String,
        advice: Option<String>,
    },
    /// Nothing was read since then, though it should have been.
    Late(Option<Millis>),
    /// So many people wait for a decision, because the guard holds them.
    Held(u64),
    Conflicts(u64),
    /// A selected OU or group in which the service account sees nobody: its DN.
    Empty(String),
}

/// A directory and what keeps people from being synced.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct NotSyncingView {
    pub id: String,
    pub name: String,
    pub people: u64,
    pub accounts: u64,
    pub read_at: Option<Millis>,
    pub is_running: bool,
    pub obstacles: Vec<SyncObstacle>,
}

/// A directory and how fast it is synced.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct SlowSyncView {
    pub id: String,
    pub name: String,
    pub people: u64,
    /// The feed and the server that it was opened at.
    pub feed: Option<(&'static str, String)>,
    /// Why it is no better one, and what to do.
    pub lacks: Vec<ShortfallView>,
    /// How long the initial sync has been running, if that is too long.
    pub slow_for: Option<Millis>,
    /// Where the support bundle is that was written for that.
    pub bundle: Option<String>,
    pub imported: bool,
    pub running: Option<RunView>,
    /// The latest runs that are over, the newest first.
    pub runs: Vec<RunView>,
}

/// What keeps people from being synced, for each directory.
pub async fn not_syncing(parts: &PanelParts) -> Result<Vec<NotSyncingView>, Fault> {
    let (mut views, current) = (Vec::new(), parts.login.current());
    for site in current.sites() {
        let status = sync_status(&parts.login.store, site.id()).await?;
        let mut obstacles = obstacles(&status, &site.settings.sync, parts.login.now());
        if site.scope().is_empty() {
            obstacles.insert(0, SyncObstacle::NothingSelected);
        }
        if status.mirror.scanned_at.is_some() {
            obstacles.extend(empty(parts, site).await?.into_iter().map(SyncObstacle::Empty));
        }
        views.push(NotSyncingView {
            id: site.id().0.clone(),
            name: site.settings.name.clone(),
            people: status.people,
            accounts: u64::try_from(status.accounts).unwrap_or_default(),
            read_at: status.mirror.caught_up_at,
            is_running: is_running(&status),
            obstacles,
        });
    }
    Ok(views)
}

fn is_running(status: &SyncStatus) -> bool {
    status.newest.as_ref().is_some_and(|run| run.finished_at.is_none())
}

fn obstacles(status: &SyncStatus, sync: &Sync, now: Millis) -> Vec<SyncObstacle> {
    let count = |many: i64| u64::try_from(many).unwrap_or_default();
    let (held, conflicts) = (count(status.undecided), count(status.conflicts));
    let paused = status.paused.as_ref().map(|pause| match pause.why.as_str() {
        WAITS_FOR_IMPORT => SyncObstacle::WaitsForImport,
        why => SyncObstacle::Paused(why.to_owned()),
    });
    let failed = status.failure().map(|(run, error)| SyncObstacle::Failed {
        error: error.to_owned(),
        advice: run.details.advice.clone(),
    });
    let never = (!status.imported && paused.is_none()).then_some(SyncObstacle::NeverImported);
    let read_at = status.mirror.caught_up_at;
    let is_late = status.imported && paused.is_none() && !is_running(status) && is_late(sync, read_at, now);
    [
        paused,
        never,
        failed,
        is_late.then_some(SyncObstacle::Late(read_at)),
        (held > 0).then_some(SyncObstacle::Held(held)),
        (conflicts > 0).then_some(SyncObstacle::Conflicts(conflicts)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// True if the directory should have been read again by now.
fn is_late(sync: &Sync, read_at: Option<Millis>, now: Millis) -> bool {
    let longest = match sync.frequency {
        // Without changes everything is read again once a day.
        Often::Realtime => DAY + HOUR,
        Often::Hourly => 2 * HOUR,
        // A day with the change to summer time, and the run itself.
        Often::Daily => DAY + 3 * HOUR,
    };
    read_at.is_none_or(|at| now - at > longest)
}

/// The selected OUs and groups in which the mirror has nobody.
async fn empty(parts: &PanelParts, site: &Arc<Site>) -> Result<Vec<String>, StoreError> {
    let counted = units(&parts.sync, site).await?;
    let (scope, mut found) = (site.scope(), Vec::new());
    for unit in &scope.organizational_units {
        let people = counted.tree.node(&unit.dn).map(|node| match unit.depth {
            Depth::Subtree => node.below.all,
            Depth::OneLevel => node.directly.all,
        });
        if people.unwrap_or_default() == 0 {
            found.push(unit.dn.as_str().to_owned());
        }
    }
    found.extend(empty_groups(&parts.sync, site).await?.iter().map(Dn::as_str).map(str::to_owned));
    found.truncate(MOST_EMPTY);
    Ok(found)
}

/// How fast each directory is synced, and what makes it slow.
pub async fn slow_sync(parts: &PanelParts) -> Result<Vec<SlowSyncView>, Fault> {
    let (mut views, current) = (Vec::new(), parts.login.current());
    for site in current.sites() {
        let status = sync_status(&parts.login.store, site.id()).await?;
        let filter =
            RunFilter { directory: Some(site.id().clone()), limit: RUNS + 1, ..RunFilter::default() };
        let runs = parts.login.store.sync().runs_of(&filter).await?;
        let (over, running): (Vec<_>, Vec<_>) = runs.iter().partition(|run| run.finished_at.is_some());
        views.push(SlowSyncView {
            id: site.id().0.clone(),
            name: site.settings.name.clone(),
            people: status.people,
            feed: status.feed.as_ref().map(|feed| (feed.feed.as_str(), feed.server.clone())),
            lacks: status.feed.iter().flat_map(|feed| &feed.shortfalls).map(ShortfallView::from).collect(),
            slow_for: status.slow_for(parts.login.now()),
            bundle: status.bundle.as_ref().map(|bundle| bundle.place.clone()),
            imported: status.imported,
            running: running.first().map(|run| RunView::from(*run)),
            runs: over.into_iter().take(RUNS as usize).map(RunView::from).collect(),
        });
    }
    Ok(views)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_late_by_its_frequency() {
        let now = 100 * DAY;
        for (frequency, age, late) in [
            (Often::Realtime, DAY, false),
            (Often::Realtime, DAY + 2 * HOUR, true),
            (Often::Hourly, 2 * HOUR, false),
            (Often::Hourly, 2 * HOUR + 1, true),
            (Often::Daily, 26 * HOUR, false),
            (Often::Daily, 28 * HOUR, true),
        ] {
            let sync = Sync { frequency, ..Sync::default() };
            assert_eq!(is_late(&sync, Some(now - age), now), late, "{frequency:?} {age}");
            assert!(is_late(&sync, None, now));
        }
    }
}

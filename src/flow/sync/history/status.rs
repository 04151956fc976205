//! The state of a directory's sync, from the store alone.

use crate::domain::Millis;
use crate::domain::entry::DirectoryId;
use crate::domain::settings::{Often, Sync};
use crate::domain::slow::Initial;
use crate::store::{
    BundleRow, FeedRow, Headcount, MirrorState, Pause, RunFilter, RunResult, RunRow, Store, StoreError,
};

/// The state of a directory's sync.
#[derive(Clone, Debug)]
pub struct SyncStatus {
    pub directory: DirectoryId,
    /// How far the directory has been read.
    pub mirror: MirrorState,
    /// The feed, and what it lacked when it was last opened.
    pub feed: Option<FeedRow>,
    /// People in the mirror.
    pub people: u64,
    /// People who wait to be judged.
    pub waiting: u64,
    pub accounts: i64,
    /// People whom the guard holds.
    pub held: i64,
    /// Held people about whom an administrator has yet to decide.
    pub undecided: i64,
    /// People with a conflict.
    pub conflicts: i64,
    /// Why the sync is paused, if it is.
    pub paused: Option<Pause>,
    /// The last run that succeeded.
    pub last_good: Option<RunRow>,
    /// The newest run, whatever its result.
    pub newest: Option<RunRow>,
    /// The initial sync has been completed.
    pub imported: bool,
    /// The support bundle that was written automatically.
    pub bundle: Option<BundleRow>,
}

impl SyncStatus {
    /// The newest run, if it failed and the directory has not been read completely since.
    #[must_use]
    pub fn failure(&self) -> Option<(&RunRow, &str)> {
        let run = self.newest.as_ref()?;
        let RunResult::Failed(error) = &run.result else { return None };
        let over = self.mirror.caught_up_at > run.finished_at;
        (!over).then_some((run, error.as_str()))
    }

    /// How long the initial sync has been running, if that is too long.
    #[must_use]
    pub fn slow_for(&self, now: Millis) -> Option<Millis> {
        let running = self.newest.as_ref().filter(|run| run.result == RunResult::Running);
        let initial = Initial {
            done: self.imported,
            run_since: running.map(|run| run.started_at),
            read_since: self.mirror.scan.as_ref().map(|scan| scan.started_at),
        };
        initial.slow_for(now)
    }
}

/// How often the directory is read, in words.
#[must_use]
pub fn frequency(sync: &Sync) -> String {
    match sync.frequency {
        Often::Realtime => "real-time".to_owned(),
        Often::Hourly => "hourly".to_owned(),
        Often::Daily => format!("daily at {} ({})", sync.at, sync.zone),
    }
}

/// Reads the state of a directory's sync, without asking the directory.
pub async fn sync_status(store: &Store, directory: &DirectoryId) -> Result<SyncStatus, StoreError> {
    let newest = RunFilter { directory: Some(directory.clone()), limit: 1, ..RunFilter::default() };
    let Headcount { people, accounts } = store.sync().headcount(directory).await?;
    Ok(SyncStatus {
        directory: directory.clone(),
        mirror: store.sync().mirror_state(directory).await?,
        feed: store.sync().feed_of(directory).await?,
        people,
        waiting: store.sync().count_dirty(directory).await?,
        accounts,
        held: store.sync().count_held(directory).await?,
        undecided: store.sync().count_undecided(directory).await?,
        conflicts: store.sync().count_conflicts(directory).await?,
        paused: store.sync().paused(directory).await?,
        last_good: store.sync().last_good_run(directory).await?,
        newest: store.sync().runs_of(&newest).await?.pop(),
        imported: store.sync().completed_at(directory).await?.is_some(),
        bundle: store.sync().bundle_of(directory).await?,
    })
}

//! The Sync Log of the panel: runs, changes, who waits, and what an admin decides about them.

use futures_util::Stream;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Millis;
use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::entry::DirectoryId;
use crate::domain::export::ExportForm;
use crate::domain::guard::SeenHeld;
use crate::flow::installation::context::PanelParts;
use crate::flow::installation::fault::Fault;
use crate::flow::sync::held::{HeldResult, reject};
use crate::flow::sync::history::{
    ConflictView, HeldView, LogPage, LogQuery, RunView, conflicts_page, export as export_changes, held_page,
    read,
};
use crate::flow::sync::pause::{pause, resume};
use crate::flow::sync::progress::running;
use crate::flow::sync::stop::stop;
use crate::store::{RunId, StopOutcome, StoreError};

/// How many people who wait a page shows of each directory.
const WAITING: u32 = 50;

/// What the page is asked to show.
#[derive(Clone, Debug, Default)]
pub struct SyncLogQuery {
    pub log: LogQuery,
    /// Of the one directory that is asked for: the last held person of the page before.
    pub held_after: Option<String>,
    /// The last person with a conflict of the page before: login name and entry.
    pub conflicts_after: Option<(String, String)>,
}

/// The log and the state of each directory.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct SyncLogView {
    pub directories: Vec<SyncedView>,
    pub log: LogPage,
}

/// A directory as the Sync Log shows it.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct SyncedView {
    pub id: String,
    pub name: String,
    /// Why and since when the sync is paused, in English.
    pub paused: Option<(String, Millis)>,
    pub running: Option<RunView>,
    /// People whom the guard holds; with a person, only this one.
    pub held: Vec<HeldView>,
    /// The last one, if there may be more.
    pub more_held: Option<String>,
    /// How many the guard holds in all.
    pub all_held: u64,
    /// About how many of them nobody has decided.
    pub undecided: u64,
    pub conflicts: Vec<ConflictView>,
    /// Login name and entry of the last one, if there may be more.
    pub more_conflicts: Option<(String, String)>,
    pub all_conflicts: u64,
}

/// What became of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogAction {
    /// So many people keep everything; nothing was noted for the others, who would lose something else by now.
    Kept {
        done: usize,
        left_out: usize,
    },
    /// Nobody was chosen.
    Nobody,
    /// Somebody else of the held people has changed since they were shown.
    HeldChanged,
    Stopped,
    NotRunning,
    Paused,
    Resumed,
    /// It was so already.
    Unchanged,
}

/// Reads the log.
pub async fn sync_log(parts: &PanelParts, query: &SyncLogQuery) -> Result<SyncLogView, Fault> {
    let asked = LogQuery { without_waiting: query.log.person.is_none(), ..query.log.clone() };
    let mut view = SyncLogView { log: read(&parts.sync, &asked).await?, ..SyncLogView::default() };
    for site in parts.login.current().sites() {
        let id = site.id();
        let is_shown = query.log.directory.as_ref().is_none_or(|only| only == id);
        let mut synced = state(parts, id, &site.settings.name).await?;
        if query.log.person.is_some() {
            synced.held = view.log.held.iter().filter(|one| one.directory == id.0).cloned().collect();
            synced.conflicts =
                view.log.conflicts.iter().filter(|one| one.directory == id.0).cloned().collect();
        } else if is_shown && query.log.run.is_none() {
            waiting(parts, query, &mut synced).await?;
        }
        view.directories.push(synced);
    }
    Ok(view)
}

async fn state(parts: &PanelParts, id: &DirectoryId, name: &str) -> Result<SyncedView, StoreError> {
    let store = parts.login.store.sync();
    let count = |many: i64| u64::try_from(many).unwrap_or_default();
    Ok(SyncedView {
        id: id.0.clone(),
        name: name.to_owned(),
        paused: store.paused(id).await?.map(|pause| (pause.why, pause.since)),
        running: running(&parts.sync, id).await?.as_ref().map(RunView::from),
        all_held: count(store.count_held(id).await?),
        undecided: count(store.count_undecided(id).await?),
        all_conflicts: count(store.count_conflicts(id).await?),
        ..SyncedView::default()
    })
}

/// Reads a page of the people who wait. Only of one directory there is a next page.
async fn waiting(
    parts: &PanelParts,
    query: &SyncLogQuery,
    synced: &mut SyncedView,
) -> Result<(), StoreError> {
    let (id, is_one) = (DirectoryId(synced.id.clone()), query.log.directory.is_some());
    let after = query.held_after.as_deref().filter(|_| is_one);
    let held = held_page(&parts.sync, &id, after, WAITING).await?;
    let after = query.conflicts_after.as_ref().filter(|_| is_one);
    let after = after.map(|(name, entry)| (name.as_str(), entry.as_str()));
    let conflicts = conflicts_page(&parts.sync, &id, after, WAITING).await?;
    (synced.held, synced.more_held) = (held.held, held.next_after);
    (synced.conflicts, synced.more_conflicts) = (conflicts.conflicts, conflicts.next_after);
    Ok(())
}

/// Lets held people of a directory keep everything. `None`: there is no such directory.
pub async fn keep(
    parts: &PanelParts,
    actor: &Actor,
    directory: &str,
    seen: &[SeenHeld],
) -> Result<Option<LogAction>, Fault> {
    let Some(id) = known(parts, directory) else { return Ok(None) };
    let decided = reject(&parts.sync, &id, seen, actor).await?;
    let done = decided.iter().filter(|one| one.result == HeldResult::Done).count();
    Ok(Some(LogAction::Kept { done, left_out: decided.len() - done }))
}

/// Stops the run of a directory and pauses its sync. `None`: there is no such directory.
pub async fn stop_run(
    parts: &PanelParts,
    actor: &Actor,
    directory: &str,
) -> Result<Option<LogAction>, Fault> {
    let Some(id) = known(parts, directory) else { return Ok(None) };
    Ok(Some(match stop(&parts.sync, &id, None, actor).await? {
        StopOutcome::Asked(_) => LogAction::Stopped,
        StopOutcome::NotRunning | StopOutcome::Reverting(_) => LogAction::NotRunning,
    }))
}

/// Pauses the sync of a directory, or resumes it. `None`: there is no such directory.
pub async fn set_paused(
    parts: &PanelParts,
    actor: &Actor,
    directory: &str,
    is_paused: bool,
) -> Result<Option<LogAction>, Fault> {
    let Some(id) = known(parts, directory) else { return Ok(None) };
    let changed = match is_paused {
        true => pause(&parts.sync, &id, actor).await?,
        false => resume(&parts.sync, &id, actor).await?.is_some(),
    };
    Ok(Some(match (changed, is_paused) {
        (false, _) => LogAction::Unchanged,
        (true, true) => LogAction::Paused,
        (true, false) => LogAction::Resumed,
    }))
}

/// What a revert of a run would do.
#[derive(Clone, Debug)]
pub struct RevertView {
    pub run: i64,
    pub directory: String,
    /// How many accounts the run has changed.
    pub accounts: u64,
}

/// Reads what a revert of a run would do. `None`: there is no such run, or it has changed nobody.
pub async fn revert_view(parts: &PanelParts, run: i64) -> Result<Option<RevertView>, Fault> {
    let store = parts.login.store.sync();
    let Some(row) = store.run(RunId(run)).await? else { return Ok(None) };
    let accounts = store.count_changed(RunId(run)).await?;
    Ok((accounts > 0).then_some(RevertView { run, directory: row.directory.0, accounts }))
}

/// Records that an admin downloads the log, and returns the file in pieces.
pub async fn export(
    parts: &PanelParts,
    actor: &Actor,
    query: LogQuery,
    form: ExportForm,
) -> Result<impl Stream<Item = Result<String, StoreError>> + Send + 'static + use<>, Fault> {
    let event = Event::new(parts.login.now(), Decision::SyncLogExported).by(actor);
    let directory = query.directory.as_ref().map(|id| id.0.clone());
    parts.login.store.login().append(&Event { directory, ..event }).await?;
    Ok(export_changes(parts.sync.clone(), query, form))
}

fn known(parts: &PanelParts, directory: &str) -> Option<DirectoryId> {
    let id = DirectoryId(directory.to_owned());
    parts.login.current().site(&id).map(|_| id)
}

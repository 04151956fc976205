//! The Sync Log of the panel: runs, changes, who waits, and the decisions about them.

use crate::domain::Millis;
use crate::domain::admin::Actor;
use crate::domain::entry::DirectoryId;
use crate::domain::guard::SeenHeld;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::PanelParts;
use crate::flow::installation::fault::Fault;
use crate::flow::sync::held::{HeldResult, approve, reject};
use crate::flow::sync::history::{LogPage, LogQuery, RunView, read};
use crate::flow::sync::progress::running;
use crate::flow::sync::stop::stop;
use crate::store::StopOutcome;

/// The log and the state of each directory.
#[derive(Clone, Debug, Default)]
pub struct SyncLogView {
    pub directories: Vec<SyncedView>,
    pub log: LogPage,
}

/// A directory as the Sync Log shows it.
#[derive(Clone, Debug, Default)]
pub struct SyncedView {
    pub id: String,
    pub name: String,
    /// Why and since when the sync is paused, in English.
    pub paused: Option<(String, Millis)>,
    pub running: Option<RunView>,
}

/// A decision about people whom the guard holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldVerdict {
    Approve,
    Reject,
}

/// What became of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogAction {
    /// For so many people; nothing was done for the others, who would lose something else by now.
    Decided {
        done: usize,
        left_out: usize,
    },
    Stopped,
    NotRunning,
    /// The error and what to do about it, in English.
    Failed {
        error: String,
        advice: String,
    },
}

/// Reads the log.
pub async fn sync_log(parts: &PanelParts, query: &LogQuery) -> Result<SyncLogView, Fault> {
    let mut view = SyncLogView { log: read(&parts.sync, query).await?, ..SyncLogView::default() };
    for site in parts.login.current().sites() {
        let paused = parts.login.store.sync().paused(site.id()).await?;
        view.directories.push(SyncedView {
            id: site.id().0.clone(),
            name: site.settings.name.clone(),
            paused: paused.map(|pause| (pause.why, pause.since)),
            running: running(&parts.sync, site.id()).await?.as_ref().map(RunView::from),
        });
    }
    Ok(view)
}

/// Decides about held people of a directory. `None`: there is no such directory.
pub async fn decide(
    parts: &PanelParts,
    actor: &Actor,
    directory: &str,
    seen: &[SeenHeld],
    verdict: HeldVerdict,
) -> Result<Option<LogAction>, Fault> {
    let (current, id) = (parts.login.current(), DirectoryId(directory.to_owned()));
    let Some(site) = current.site(&id) else { return Ok(None) };
    let decided = match verdict {
        HeldVerdict::Reject => reject(&parts.sync, &id, seen, actor).await?,
        HeldVerdict::Approve => match approve(&parts.sync, site, seen, actor).await {
            Ok((_, decided)) => decided,
            Err(error) => {
                let advice = error.advice();
                return Ok(Some(LogAction::Failed { error: Causes(&error).to_string(), advice }));
            }
        },
    };
    let done = decided.iter().filter(|one| one.result == HeldResult::Done).count();
    Ok(Some(LogAction::Decided { done, left_out: decided.len() - done }))
}

/// Stops the run of a directory and pauses its sync. `None`: there is no such directory.
pub async fn stop_run(
    parts: &PanelParts,
    actor: &Actor,
    directory: &str,
) -> Result<Option<LogAction>, Fault> {
    let id = DirectoryId(directory.to_owned());
    if parts.login.current().site(&id).is_none() {
        return Ok(None);
    }
    Ok(Some(match stop(&parts.sync, &id, actor).await? {
        StopOutcome::Asked(_) => LogAction::Stopped,
        StopOutcome::NotRunning | StopOutcome::Reverting(_) => LogAction::NotRunning,
    }))
}

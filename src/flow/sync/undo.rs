//! Revert a run: accounts and memberships get the state before it. The directory's sync is then paused until
//! an administrator resumes it.

use super::order::SyncError;
use crate::flow::installation::context::SyncParts;
use crate::flow::sync::run_lease;
use crate::store::{ChangeFilter, ChangeRow, RunId, RunRow, UNDONE, UndoRefused};

/// How many people whose state differs from before are listed.
const NAMED: usize = 100;

/// The result of reverting a run.
#[derive(Clone, Debug)]
pub struct RevertedRun {
    /// The run of the revert, with its counts.
    pub run: RunRow,
    /// Accounts that could not be fully reverted, or had changed since: each change says why.
    pub differing: Vec<ChangeRow>,
    pub more_differing: bool,
}

/// Reverts a run, or resumes a revert that was interrupted.
pub async fn undo(parts: &SyncParts, run: RunId) -> Result<Result<RevertedRun, UndoRefused>, SyncError> {
    let Some(row) = parts.store.sync().run(run).await? else { return Ok(Err(UndoRefused::Unknown)) };
    let lease = run_lease::to_work(parts, &row.directory).await?;
    let work = async {
        let undo = match parts.store.sync().begin_undo(run, parts.now()).await? {
            Ok(undo) => undo,
            Err(refused) => return Ok(Err(refused)),
        };
        while parts.store.sync().undo_batch(undo, run, parts.now()).await? {}
        Ok(Ok(undo))
    };
    let done: Result<_, SyncError> = lease.spend(work).await;
    match done? {
        Ok(undo) => Ok(Ok(report(parts, undo).await?)),
        Err(refused) => Ok(Err(refused)),
    }
}

async fn report(parts: &SyncParts, undo: RunId) -> Result<RevertedRun, SyncError> {
    let run = parts.store.sync().run(undo).await?.ok_or(SyncError::Overtaken)?;
    let (mut differing, mut before) = (Vec::new(), None);
    loop {
        let filter = ChangeFilter { run: Some(undo), before, limit: 500, ..ChangeFilter::default() };
        let page = parts.store.sync().changes_of(&filter).await?;
        let Some(last) = page.last() else {
            return Ok(RevertedRun { run, differing, more_differing: false });
        };
        before = Some(last.id);
        differing.extend(page.into_iter().filter(|change| change.why.as_deref() != Some(UNDONE)));
        if differing.len() > NAMED {
            differing.truncate(NAMED);
            return Ok(RevertedRun { run, differing, more_differing: true });
        }
    }
}

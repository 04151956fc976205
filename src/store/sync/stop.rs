//! Stop a run: it looks between two pages whether somebody has asked for it. The sync of the directory is
//! paused at once, so that nothing is written any more and no other run begins.

use super::held;
use super::ids::{RunId, RunTrigger};
use crate::domain::audit::Event;
use crate::domain::audit_change::ValueChange;
use crate::domain::entry::DirectoryId;
use crate::store::SyncStore;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::value::values;
use crate::store::trail::audit;

/// The result of asking a run to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopOutcome {
    /// It will stop; its directory is paused.
    Asked(RunId),
    NotRunning,
    /// The run reverts another one: it is completed, since half a revert has to be continued anyway.
    Reverting(RunId),
}

impl SyncStore<'_> {
    /// Asks the run of a directory to stop and pauses the directory's sync, in one transaction with the event. With
    /// `only`, no other run is stopped.
    pub async fn ask_to_stop(
        &self,
        directory: &DirectoryId,
        only: Option<RunId>,
        by: &str,
        event: &Event,
    ) -> Result<StopOutcome> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            // The newest one: of a directory only one runs at a time.
            let sql = "SELECT id, trigger_word, finished_at FROM runs WHERE directory = $1 ORDER BY id DESC LIMIT 1";
            let Some(row) = tx.row(sql, values![directory]).await? else { return Ok(StopOutcome::NotRunning) };
            let cells = row.of("runs", "id");
            let (run, trigger) = (RunId(cells.cell("id")?), cells.word("trigger_word", RunTrigger::parse)?);
            let is_over = cells.cell::<Option<i64>>("finished_at")?.is_some();
            if is_over || only.is_some_and(|only| only != run) {
                return Ok(StopOutcome::NotRunning);
            }
            if matches!(trigger, RunTrigger::Undo(_)) {
                return Ok(StopOutcome::Reverting(run));
            }
            let sql = "UPDATE runs SET stopped_by = $2 WHERE id = $1 AND finished_at IS NULL";
            if tx.execute(sql, values![run.0, by]).await? == 0 {
                return Ok(StopOutcome::NotRunning);
            }
            let why = format!("stopped by {by}");
            let paused = held::pause_if_running(&mut tx, directory, &why, event.at).await?;
            let pause = paused.then(|| ValueChange::added(held::PAUSE, &why));
            let stopped = ValueChange::new(&format!("run {}", run.0), "running", "stopped");
            audit::insert(&mut tx, &event.clone().changing([Some(stopped), pause].into_iter().flatten())).await?;
            tx.commit().await?;
            Ok(StopOutcome::Asked(run))
        })
        .await
    }

    /// Who has asked a run to stop, if anybody has.
    pub async fn stopped_by(&self, run: RunId) -> Result<Option<String>> {
        let row = self.store.db.row("SELECT stopped_by FROM runs WHERE id = $1", values![run.0]).await?;
        row.map_or(Ok(None), |row| row.of("runs", "stopped_by").cell("stopped_by"))
    }
}

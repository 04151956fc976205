//! `cloudsync-idp sync --undo RUN` and `cloudsync-idp sync --resume`: revert a run, and resume a paused sync.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::show;
use crate::cli::actor::actor;
use crate::cli::{printable, sites};
use crate::domain::timestamp;
use crate::flow::installation::context::SyncParts;
use crate::flow::sync::history::{ChangeView, RunView};
use crate::flow::sync::ordered;
use crate::flow::sync::pause::resume as resume_sync;
use crate::flow::sync::undo::{RevertedRun, undo as undo_run};
use crate::store::{RunId, UndoRefused};

/// Reverts a run. Status 1 if something could not be restored.
pub(super) async fn undo(parts: &SyncParts, run: i64, json: bool) -> Result<u8> {
    ordered::record_revert(parts, RunId(run), &actor()).await?;
    let undone = match undo_run(parts, RunId(run)).await? {
        Ok(undone) => undone,
        Err(refused) => bail!(words(run, refused)),
    };
    match json {
        true => outln!("{}", in_json(&undone)),
        false => print(run, &undone),
    }
    Ok(u8::from(!undone.differing.is_empty()))
}

fn words(run: i64, refused: UndoRefused) -> String {
    match refused {
        UndoRefused::Unknown => {
            format!("there is no run {run}; the log is kept for a limited time (log_days)")
        }
        UndoRefused::Running => format!("run {run} is still running"),
        UndoRefused::TooOld => format!("run {run} is more than 30 days old: too much has changed since"),
        UndoRefused::Unfinished(reverted) => {
            let reverted = reverted.0;
            format!(
                "run {run} was reverting run {reverted} and is incomplete; finish it first: sync --undo {reverted}"
            )
        }
        UndoRefused::Already(by) => {
            format!("run {by} already reverted run {run}; to restore it: sync --undo {by}", by = by.0)
        }
    }
}

fn in_json(undone: &RevertedRun) -> serde_json::Value {
    json!({
        "run": RunView::from(&undone.run), "paused": undone.run.directory.0,
        "not_as_before": undone.differing.iter().map(ChangeView::from).collect::<Vec<_>>(),
    })
}

fn print(run: i64, undone: &RevertedRun) {
    outln!("run {run} is reverted");
    outln!("{}", show::run(&RunView::from(&undone.run)));
    for change in &undone.differing {
        outln!("{}", show::change(&ChangeView::from(change)));
    }
    if undone.more_differing {
        outln!("to see all of them: cloudsync-idp sync log --run {}", undone.run.id.0);
    }
    outln!(
        "the sync of {} is paused, because it would make the same changes again. Fix the cause, then resume it: \
         cloudsync-idp sync --resume --directory {}",
        printable(&undone.run.directory.0),
        printable(&undone.run.directory.0)
    );
}

/// Resumes paused syncs.
pub(super) async fn resume(parts: &SyncParts, directory: Option<&str>, as_json: bool) -> Result<u8> {
    let (actor, mut results) = (actor(), Vec::new());
    for site in sites(&parts.current(), directory)? {
        let pause = resume_sync(parts, site.id(), &actor).await?;
        let since = pause.as_ref().map(|pause| timestamp(pause.since));
        let why = pause.as_ref().map(|pause| &pause.why);
        let resumed = pause.is_some();
        results.push(json!({ "directory": site.id().0, "resumed": resumed, "since": since, "why": why }));
        if as_json {
            continue;
        }
        let name = printable(&site.settings.name);
        match pause {
            Some(pause) => outln!(
                "{name}: resumed; it was paused since {} ({})",
                timestamp(pause.since),
                printable(&pause.why)
            ),
            None => outln!("{name}: was not paused"),
        }
    }
    if as_json {
        outln!("{}", Value::from(results));
    }
    Ok(0)
}

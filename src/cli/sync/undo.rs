//! `cloudsync-idp sync --undo RUN` and `cloudsync-idp sync --resume`.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::show;
use crate::cli::{printable, sites};
use crate::domain::timestamp;
use crate::flow::context::Parts;
use crate::flow::sync::undo::{Undone, undo as undo_run};
use crate::flow::sync_log;
use crate::store::{RunId, UndoRefused};

/// Puts everybody back as they were before a run. Status 1 when something could not be put back as it was.
pub(super) async fn undo(parts: &Parts, run: i64, json: bool) -> Result<u8> {
    let undone = match undo_run(parts, RunId(run)).await? {
        Ok(undone) => undone,
        Err(refused) => bail!(words(run, refused)),
    };
    match json {
        true => outln!("{}", in_json(&undone)),
        false => print(run, &undone),
    }
    Ok(u8::from(!undone.told.is_empty()))
}

fn words(run: i64, refused: UndoRefused) -> String {
    match refused {
        UndoRefused::Unknown => format!("there is no run {run}; the log is kept for a set time only"),
        UndoRefused::Running => format!("run {run} is still under way"),
        UndoRefused::TooOld => format!("run {run} is more than 30 days ago: too much has changed since"),
        UndoRefused::Already(by) => {
            format!("run {by} has undone it already; to have run {run} back: sync --undo {by}", by = by.0)
        }
    }
}

fn in_json(undone: &Undone) -> serde_json::Value {
    json!({
        "run": sync_log::in_json::run(&undone.run), "paused": undone.run.directory.0,
        "not_as_before": undone.told.iter().map(show::change_json).collect::<Vec<_>>(),
    })
}

fn print(run: i64, undone: &Undone) {
    outln!("run {run} is undone");
    outln!("{}", show::run(&undone.run));
    for change in &undone.told {
        outln!("{}", show::change(change));
    }
    if undone.more_told {
        outln!("more of these: cloudsync-idp sync log --run {}", undone.run.id.0);
    }
    outln!(
        "the sync of {} rests, or it would do it all again; when the cause is mended: cloudsync-idp sync --resume \
         --directory {}",
        printable(&undone.run.directory.0),
        printable(&undone.run.directory.0)
    );
}

/// Lets directories go on that rest.
pub(super) async fn resume(parts: &Parts, directory: Option<&str>, as_json: bool) -> Result<u8> {
    let mut told = Vec::new();
    for site in sites(parts, directory)? {
        let pause = parts.store.paused(site.id()).await?;
        let resumed = pause.is_some() && parts.store.resume(site.id()).await?;
        let since = pause.as_ref().map(|pause| timestamp(pause.since));
        let why = pause.as_ref().map(|pause| &pause.why);
        told.push(json!({ "directory": site.id().0, "resumed": resumed, "since": since, "why": why }));
        if as_json {
            continue;
        }
        let name = printable(&site.settings.name);
        match pause.filter(|_| resumed) {
            Some(pause) => outln!(
                "{name}: goes on; it had rested since {} ({})",
                timestamp(pause.since),
                printable(&pause.why)
            ),
            None => outln!("{name}: was not paused"),
        }
    }
    if as_json {
        outln!("{}", Value::from(told));
    }
    Ok(0)
}

//! `cloudsync-idp sync stop`: stop the run in progress and pause the sync of its directory; `sync pause`: only pause.

use anyhow::Result;
use serde_json::{Value, json};

use crate::cli::actor::actor;
use crate::cli::{printable, sites};
use crate::flow::installation::context::SyncParts;
use crate::flow::sync::pause::pause as pause_sync;
use crate::flow::sync::stop::stop;
use crate::store::StopOutcome;

/// Which runs to stop, or syncs to pause.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only of this directory (its id in the settings)
    #[arg(long, value_name = "ID")]
    directory: Option<String>,
}

/// Asks the runs to stop, whichever process they are in. Status 1 if none is in progress.
pub async fn run(parts: &SyncParts, arguments: &Arguments, as_json: bool) -> Result<u8> {
    let actor = actor();
    let (mut results, mut stopped) = (Vec::new(), false);
    for site in sites(&parts.current(), arguments.directory.as_deref())? {
        let outcome = stop(parts, site.id(), None, &actor).await?;
        let (run, word) = match outcome {
            StopOutcome::Asked(run) => (Some(run.0), "stopped"),
            StopOutcome::Reverting(run) => (Some(run.0), "reverting"),
            StopOutcome::NotRunning => (None, "not_running"),
        };
        stopped |= matches!(outcome, StopOutcome::Asked(_));
        results.push(json!({ "directory": site.id().0, "run": run, "result": word }));
        if !as_json {
            outln!("{}: {}", printable(&site.settings.name), text(outcome, &site.id().0));
        }
    }
    if as_json {
        outln!("{}", Value::from(results));
    }
    Ok(u8::from(!stopped))
}

/// Pauses the sync; runs in progress write nothing more.
pub async fn pause(parts: &SyncParts, arguments: &Arguments, as_json: bool) -> Result<u8> {
    let (actor, mut results) = (actor(), Vec::new());
    for site in sites(&parts.current(), arguments.directory.as_deref())? {
        let paused = pause_sync(parts, site.id(), &actor).await?;
        results.push(json!({ "directory": site.id().0, "paused": paused }));
        if !as_json {
            let words = if paused { "paused" } else { "was paused already" };
            outln!("{}: {words}", printable(&site.settings.name));
        }
    }
    if as_json {
        outln!("{}", Value::from(results));
    }
    Ok(0)
}

fn text(outcome: StopOutcome, directory: &str) -> String {
    match outcome {
        StopOutcome::Asked(run) => format!(
            "run {} stops; what it has written stays, and the sync is paused. To continue: cloudsync-idp sync --resume \
             --directory {}",
            run.0,
            printable(directory)
        ),
        StopOutcome::Reverting(run) => {
            format!("run {} reverts another run and can't be stopped; it changes nothing else", run.0)
        }
        StopOutcome::NotRunning => "no run is in progress".to_owned(),
    }
}

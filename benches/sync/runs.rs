//! Runs of `cloudsync-idp sync`, each a separate process: its duration, its peak memory and its result.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::common::process::Process;
use crate::plan::Plan;

/// How often a process' memory is read. The kernel reports the peak so far, so only the very end may be
/// missed.
const LOOK: Duration = Duration::from_millis(2);

pub struct Run {
    pub took: Duration,
    pub peak_mb: f64,
    counts: Value,
}

impl Run {
    /// A number of its report.
    pub fn count(&self, name: &str) -> u64 {
        self.counts[name].as_u64().unwrap_or_default()
    }

    /// The run, if it did exactly this.
    pub fn expect(self, counts: &[(&str, u64)]) -> Result<Self> {
        let fits = counts.iter().all(|(name, count)| self.count(name) == *count);
        ensure!(fits, "{} instead of {counts:?}", self.counts);
        Ok(self)
    }
}

/// Syncs everybody into a new store.
pub fn initial(plan: &Plan) -> Result<Run> {
    for end in ["", "-wal", "-shm"] {
        let file = plan.home.join(format!("idp.db{end}"));
        if file.exists() {
            std::fs::remove_file(file)?;
        }
    }
    let settings = plan.home.join("settings.toml");
    let applied = command(plan).args(["settings", "apply", "--replace"]).arg(settings).output()?;
    ensure!(applied.status.success(), "settings apply: {}", String::from_utf8_lossy(&applied.stderr));
    let run = sync(plan)?;
    ensure!(run.count("created") >= plan.people as u64, "{}", run.counts);
    Ok(run)
}

/// Syncs what has changed.
pub fn sync(plan: &Plan) -> Result<Run> {
    let started = Instant::now();
    let mut child = command(plan).args(["sync", "--json"]).stdout(Stdio::piped()).spawn()?;
    let (process, mut peak_mb) = (Process(child.id()), 0.0);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        // A process that has just ended has no memory any more.
        peak_mb = process.status_mb("VmHWM").unwrap_or(peak_mb);
        std::thread::sleep(LOOK);
    };
    let took = started.elapsed();
    let mut output = String::new();
    child.stdout.take().context("its report")?.read_to_string(&mut output)?;
    ensure!(status.success(), "sync: {status}: {output}");
    let report: Value = serde_json::from_str(&output).with_context(|| output.clone())?;
    Ok(Run { took, peak_mb, counts: report["counts"].clone() })
}

fn command(plan: &Plan) -> Command {
    let mut command = Command::new(&plan.provider);
    command.arg("--config").arg(plan.home.join("idp.toml"));
    command
}

//! Runs of `cloudsync-idp sync`, each a separate process: its duration, its peak memory and its result.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::process::Process;

/// How often a process' memory is read. The kernel reports the peak so far, so only the very end may be
/// missed.
const LOOK: Duration = Duration::from_millis(2);

/// The program of the provider, and the folder with its `idp.toml`, its `settings.toml` and its store.
#[derive(Clone, Copy)]
pub struct Installation<'a> {
    pub program: &'a Path,
    pub folder: &'a Path,
}

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

impl Installation<'_> {
    /// Applies the settings to a new store.
    pub fn renew(self) -> Result<()> {
        for end in ["", "-wal", "-shm"] {
            let file = self.folder.join(format!("idp.db{end}"));
            if file.exists() {
                std::fs::remove_file(file)?;
            }
        }
        let settings = self.folder.join("settings.toml");
        let applied = self.command().args(["settings", "apply", "--replace"]).arg(settings).output()?;
        ensure!(applied.status.success(), "settings apply: {}", String::from_utf8_lossy(&applied.stderr));
        Ok(())
    }

    fn command(self) -> Command {
        let mut command = Command::new(self.program);
        command.arg("--config").arg(self.folder.join("idp.toml"));
        command
    }
}

/// Syncs everybody, at least so many people, into a new store.
pub fn initial(installation: Installation<'_>, people: usize) -> Result<Run> {
    installation.renew()?;
    let run = sync(installation)?;
    ensure!(run.count("created") >= people as u64, "{}", run.counts);
    Ok(run)
}

/// Syncs what has changed.
pub fn sync(installation: Installation<'_>) -> Result<Run> {
    let started = Instant::now();
    let mut child = installation.command().args(["sync", "--json"]).stdout(Stdio::piped()).spawn()?;
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

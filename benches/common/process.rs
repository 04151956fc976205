//! Measure a process by the kernel's statistics, and run the provider as one.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::http::Http;

/// The kernel counts CPU time in hundredths of a second (USER_HZ, proc(5)).
const TICK_MS: f64 = 10.0;
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(1);

/// A running process.
pub struct Process(pub u32);

impl Process {
    /// User and system time since its start.
    pub fn cpu_ms(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0))?;
        // The name, in brackets, may contain anything; fields 3 and following come after it, of which we need
        // 14 and 15.
        let (_, fields) = stat.rsplit_once(')').context("no name")?;
        let ticks = |at: usize| {
            fields.split_whitespace().nth(at - 3).context("too short")?.parse::<u64>().context(at)
        };
        Ok((ticks(14)? + ticks(15)?) as f64 * TICK_MS)
    }

    /// A line of its status in megabytes: `VmRSS` is its memory now, `VmHWM` its peak.
    pub fn status_mb(&self, name: &str) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0))?;
        let line =
            status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).context("no line")?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().context(line.to_owned())?;
        Ok(kilobytes / 1024.0)
    }
}

/// How to start the provider.
pub struct Launch<'a> {
    pub program: &'a Path,
    pub config: &'a Path,
    /// The folder of its log.
    pub folder: &'a Path,
    /// Its `address:port`.
    pub address: &'a str,
}

/// The provider. Dropping it stops the process.
pub struct Provider {
    pub process: Process,
    child: Child,
}

impl Provider {
    /// Starts it on an existing store; returns how long it took until it was ready.
    pub async fn start(launch: &Launch<'_>) -> Result<(Self, Duration)> {
        let log = File::create(launch.folder.join("provider.log"))?;
        let mut command = Command::new(launch.program);
        command.arg("--config").arg(launch.config).arg("serve").stdout(log.try_clone()?).stderr(log);
        let started = Instant::now();
        let child = command.spawn().context(launch.program.display().to_string())?;
        let mut provider = Self { process: Process(child.id()), child };
        while !ready(launch.address).await {
            if let Some(status) = provider.child.try_wait()? {
                bail!("the provider ended ({status}): see provider.log");
            }
            ensure!(started.elapsed() < PATIENCE, "the provider does not become ready: see provider.log");
            tokio::time::sleep(POLL).await;
        }
        Ok((provider, started.elapsed()))
    }

    /// Stops it like an administrator, and waits.
    pub fn stop(mut self) -> Result<()> {
        let killed = Command::new("kill").arg(self.process.0.to_string()).status()?;
        let status = self.child.wait()?;
        ensure!(killed.success() && status.success(), "the provider did not stop cleanly: {status}");
        Ok(())
    }
}

async fn ready(address: &str) -> bool {
    let Ok(mut http) = Http::connect(address).await else { return false };
    http.get("/readyz", "").await.is_ok_and(|answer| answer.status == 200)
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

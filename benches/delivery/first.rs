//! The first delivery of everybody, and the same requests by a bare generator.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use cloudsync_idp::store::Store;

use crate::common::process::Provider;
use crate::plan::{Plan, SERVICE};
use crate::target::NullTarget;
use crate::{bare, people};

/// Far more than it takes.
const PATIENCE: Duration = Duration::from_secs(1_800);
/// How often to check whether everything is delivered.
const LOOK: Duration = Duration::from_millis(50);

/// One round.
pub struct Round {
    pub requests: f64,
    /// From the first request to the last.
    pub delivery_s: f64,
    /// The same of the bare generator.
    pub bare_s: f64,
    pub idle_mb: f64,
    pub peak_mb: f64,
}

impl Round {
    pub fn requests_per_s(&self) -> f64 {
        self.requests / self.delivery_s
    }

    pub fn bare_per_s(&self) -> f64 {
        self.requests / self.bare_s
    }

    pub fn ratio(&self) -> f64 {
        self.bare_s / self.delivery_s
    }
}

/// Delivers everybody of a new store, then sends the same requests bare: other load on the machine affects both.
pub async fn round(plan: &Plan, target: &NullTarget) -> Result<Round> {
    plan.installation(&plan.home).renew()?;
    let store = Store::open(&plan.store()).await?;
    people::add(&store, 0..plan.people, plan.shares).await?;
    target.record();
    let before = target.created();
    let config = plan.home.join("idp.toml");
    let (provider, _) = Provider::start(&plan.launch(&config)).await?;
    let idle_mb = provider.process.status_mb("VmRSS")?;
    let all = (plan.people + plan.shares) as u64;
    delivered(&store, target, before + all).await?;
    let peak_mb = provider.process.status_mb("VmHWM")?;
    provider.stop()?;
    ensure!(target.created() == before + all, "{} were created", target.created() - before);
    let recording = target.recorded()?;
    let requests = recording.requests.len() as f64;
    let bare = bare::send(&plan.target, recording.requests, plan.at_once).await?;
    let (delivery_s, bare_s) = (recording.took.as_secs_f64(), bare.as_secs_f64());
    Ok(Round { requests, delivery_s, bare_s, idle_mb, peak_mb })
}

/// Waits until so many were created at the service, and nothing is left to be delivered.
pub async fn delivered(store: &Store, target: &NullTarget, created: u64) -> Result<()> {
    let begun = Instant::now();
    // Counting what waits takes work of the machine that is measured: only at the end.
    while target.created() < created || store.delivery().waiting(SERVICE).await?.waiting > 0 {
        ensure!(begun.elapsed() < PATIENCE, "not everything is delivered: see provider.log");
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

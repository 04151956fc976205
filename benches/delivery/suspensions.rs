//! The time from a suspension to its request, while very many creations wait at a service that answers slowly.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use cloudsync_idp::store::Store;
use tokio::time::timeout;

use crate::common::process::Provider;
use crate::first::delivered;
use crate::people;
use crate::plan::{Plan, SERVICE};
use crate::target::NullTarget;

const PATIENCE: Duration = Duration::from_secs(60);

/// The time of each suspension, sorted.
pub struct Latency {
    each: Vec<Duration>,
    /// How many creations still waited at the end.
    pub waiting: u64,
}

impl Latency {
    /// So many of them took no longer.
    pub fn at(&self, quantile: f64) -> Duration {
        let rank = (self.each.len() as f64 * quantile).ceil() as usize;
        self.each.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }
}

/// Delivers those who are suspended later; then many others come, and one after the other is suspended. The store is
/// written by this process, so the provider finds a suspension only by looking, as it finds those of another node.
pub async fn measure(plan: &Plan, target: &mut NullTarget) -> Result<Latency> {
    plan.installation(&plan.home).renew()?;
    let store = Store::open(&plan.store()).await?;
    let accounts = people::add(&store, 0..plan.suspensions, 0).await?;
    let before = target.created();
    let config = plan.home.join("idp.toml");
    let (provider, _) = Provider::start(&plan.launch(&config)).await?;
    delivered(&store, target, before + accounts.len() as u64).await?;
    target.answer_in(plan.answer);
    people::add(&store, plan.suspensions..plan.suspensions + plan.waiting + plan.spare, 0).await?;
    let (mut each, mut paths) = (Vec::with_capacity(accounts.len()), HashSet::new());
    for account in &accounts {
        people::suspend(&store, account).await?;
        let committed = Instant::now();
        let arrived = timeout(PATIENCE, target.suspension()).await;
        let (at, path) = arrived.with_context(|| format!("{} is not suspended there", account.0))??;
        ensure!(paths.insert(path.clone()), "{path} is suspended twice");
        each.push(at.saturating_duration_since(committed));
    }
    let waiting = store.delivery().waiting(SERVICE).await?.waiting;
    ensure!(waiting >= plan.waiting as u64, "only {waiting} still wait: a larger BENCH_SPARE is needed");
    provider.stop()?;
    target.answer_in(Duration::ZERO);
    each.sort_unstable();
    Ok(Latency { each, waiting })
}

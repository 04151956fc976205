//! What a login costs. `benches/run.sh` starts this with an OpenLDAP full of people and a provider's configuration; it
//! starts the provider as a process of its own, drives complete logins, and measures from outside. Any answer that is not
//! the right one ends it with an error: a wrong answer has no speed.

mod binds;
mod crowd;
mod http;
mod journey;
mod plan;
mod process;
mod report;
mod signature;

use std::time::Duration;

use anyhow::{Context, Result};

use crate::journey::Client;
use crate::plan::Plan;
use crate::process::{Process, Provider};
use crate::report::Round;

/// What runs at the start only (the first look at the directories, the first clean-up) is over by then.
const SETTLED: Duration = Duration::from_millis(500);

#[tokio::main]
async fn main() -> Result<()> {
    let plan = Plan::from_environment()?;
    let mut rounds = Vec::with_capacity(plan.rounds);
    for number in 0..plan.rounds {
        eprintln!("round {} of {}", number + 1, plan.rounds);
        rounds.push(round(&plan, number).await.with_context(|| format!("round {}", number + 1))?);
    }
    report::print(&plan, &rounds, signature::cost_ms()?);
    report::write(&plan, &rounds)
}

async fn round(plan: &Plan, number: usize) -> Result<Round> {
    let binds_per_s = binds::rate(plan).await.context("raw binds")?;
    let (provider, ready) = Provider::start(plan).await?;
    let client = Client::meet(plan).await?;
    tokio::time::sleep(SETTLED).await;
    let rss_idle_mb = provider.process.status_mb("VmRSS")?;
    // Nobody signs in twice as long as there are people enough.
    let first = number * (plan.logins + plan.warm_up());
    crowd::sign_in(plan, &client, first, plan.warm_up()).await.context("warming up")?;
    let (directory, driver) = (Process(plan.directory_pid), Process(std::process::id()));
    let before = [provider.process.cpu_ms()?, directory.cpu_ms()?, driver.cpu_ms()?];
    let timed = crowd::sign_in(plan, &client, first + plan.warm_up(), plan.logins).await?;
    let after = [provider.process.cpu_ms()?, directory.cpu_ms()?, driver.cpu_ms()?];
    let cpu = std::array::from_fn::<_, 3, _>(|which| (after[which] - before[which]) / plan.logins as f64);
    let logins_per_s = plan.logins as f64 / timed.took.as_secs_f64();
    let round = Round {
        logins_per_s,
        p50_ms: timed.quantile_ms(0.50),
        p99_ms: timed.quantile_ms(0.99),
        binds_per_s,
        bind_ratio: logins_per_s / binds_per_s,
        cpu_ms_per_login: cpu[0],
        rss_idle_mb,
        rss_load_mb: provider.process.status_mb("VmHWM")?,
        ready_ms: ready.as_secs_f64() * 1e3,
        directory_cpu_ms: cpu[1],
        driver_cpu_ms: cpu[2],
    };
    provider.stop()?;
    Ok(round)
}

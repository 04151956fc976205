//! The cost of a login. `benches/login.sh` starts this with an OpenLDAP full of people and two configurations
//! of the provider, one of which requires a second factor of everybody; it starts the provider as a separate
//! process, drives complete logins, and measures from outside. Any wrong response ends it with an error.

mod binds;
#[path = "../common/mod.rs"]
mod common;
mod crowd;
mod phones;
mod plan;
mod report;
mod signature;

use std::time::Duration;

use anyhow::{Context, Result};

use crate::common::journey::Client;
use crate::common::process::{Launch, Process, Provider};
use crate::phones::Phones;
use crate::plan::Plan;
use crate::report::{Load, Round};

/// By then the work at the start (the first check of the directories, the first clean-up) is done.
const SETTLED: Duration = Duration::from_millis(500);

#[tokio::main]
async fn main() -> Result<()> {
    let plan = Plan::from_environment()?;
    let phones = Phones::hand_out(&plan)?;
    let mut rounds = Vec::with_capacity(plan.rounds);
    for number in 0..plan.rounds {
        eprintln!("round {} of {}", number + 1, plan.rounds);
        rounds.push(round(&plan, &phones, number).await.with_context(|| format!("round {}", number + 1))?);
    }
    report::print(&plan, &rounds, signature::cost_ms()?);
    report::write(&plan, &rounds)
}

/// Both kinds in each round, so that other load on the machine affects both.
async fn round(plan: &Plan, phones: &Phones, number: usize) -> Result<Round> {
    let binds_per_s = binds::rate(plan).await.context("raw binds")?;
    let plain = load(plan, None, number).await.context("without a second factor")?;
    let totp = load(plan, Some(phones), number).await.context("with a second factor")?;
    Ok(Round { binds_per_s, plain, totp })
}

async fn load(plan: &Plan, phones: Option<&Phones>, number: usize) -> Result<Load> {
    let config = if phones.is_some() { &plan.config_totp } else { &plan.config };
    let launch = Launch { program: &plan.provider, config, folder: &plan.folder, address: plan.address() };
    let (provider, ready) = Provider::start(&launch).await?;
    let client = Client::connect(&plan.issuer, "openid profile email").await?;
    tokio::time::sleep(SETTLED).await;
    let rss_idle_mb = provider.process.status_mb("VmRSS")?;
    // Nobody signs in twice as long as there are enough people.
    let first = number * (plan.logins + plan.warm_up());
    crowd::sign_in(plan, &client, (first, plan.warm_up()), phones).await.context("warming up")?;
    let (directory, driver) = (Process(plan.directory_pid), Process(std::process::id()));
    let before = [provider.process.cpu_ms()?, directory.cpu_ms()?, driver.cpu_ms()?];
    let timed = crowd::sign_in(plan, &client, (first + plan.warm_up(), plan.logins), phones).await?;
    let after = [provider.process.cpu_ms()?, directory.cpu_ms()?, driver.cpu_ms()?];
    let cpu = std::array::from_fn::<_, 3, _>(|which| (after[which] - before[which]) / plan.logins as f64);
    let load = Load {
        logins_per_s: plan.logins as f64 / timed.took.as_secs_f64(),
        p50_ms: timed.quantile_ms(0.50),
        p99_ms: timed.quantile_ms(0.99),
        cpu_ms: cpu[0],
        directory_cpu_ms: cpu[1],
        driver_cpu_ms: cpu[2],
        rss_idle_mb,
        rss_load_mb: provider.process.status_mb("VmHWM")?,
        ready_ms: ready.as_secs_f64() * 1e3,
    };
    provider.stop()?;
    Ok(load)
}

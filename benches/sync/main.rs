//! The cost of a sync. `benches/sync.sh` starts this once for each directory, with a folder that contains the
//! provider's configuration; it runs the release build as a separate process and measures from outside. Any
//! wrong result ends it with an error.

mod admin;
mod bare;
mod changes;
#[path = "../common/mod.rs"]
mod common;
mod latency;
mod plan;

use std::time::Duration;

use anyhow::{Context, Result};

use crate::admin::Admin;
use crate::common::figures::{self, Figure, Figures, seconds};
use crate::common::runs;
use crate::plan::{Part, Plan};

#[tokio::main]
async fn main() -> Result<()> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let plan = Plan::from_environment()?;
    let figures = match plan.part {
        Part::Small => small(&plan)?,
        Part::OpenLdap => openldap(&plan).await?,
        Part::BigGroup => big_group(&plan).await?,
        Part::ActiveDirectory => active_directory(&plan).await?,
    };
    figures::add(&plan.figures, &figures)
}

/// Fewer people, to see how memory grows with their number.
fn small(plan: &Plan) -> Result<Figures> {
    let run = runs::initial(plan.installation(), plan.people)?;
    Ok(vec![
        Figure::new("people_small", "people of a smaller OpenLDAP", "", plan.people as f64),
        Figure::new("rss_peak_small_mb", "  peak memory of its initial sync", "MB", run.peak_mb),
    ])
}

async fn openldap(plan: &Plan) -> Result<Figures> {
    let mut figures = vec![Figure::new("people", "people in OpenLDAP", "", plan.people as f64)];
    initial(plan, ["dump_s", "initial_s", "ratio", "people_per_s", "rss_peak_mb"], &mut figures)?;
    let mut admin = Admin::connect(plan).await?;
    let hundred = changes::hundred(plan, &mut admin).await.context("a hundred changes")?;
    figures.push(seconds("incremental_100_s", "a run after 100 changes", hundred));
    let latency = latency::measure(plan, &mut admin).await.context("latency")?;
    figures.push(seconds(
        "openldap_change_p50_s",
        "from a change to a refused refresh, 50 % within",
        latency.at(0.50),
    ));
    figures.push(seconds("openldap_change_p99_s", "  99 % within", latency.at(0.99)));
    Ok(figures)
}

/// As many people, and a very large group that is mapped to a Team Share.
async fn big_group(plan: &Plan) -> Result<Figures> {
    let run = runs::initial(plan.installation(), plan.people)?;
    let mut admin = Admin::connect(plan).await?;
    let one = changes::big_group(plan, &mut admin).await.context("a large group")?;
    let (what, peak) = (format!("a run after one change in a group of {}", plan.big_group), run.peak_mb);
    Ok(vec![
        Figure::new("big_group_s", &what, "s", one.as_secs_f64()),
        Figure::new("big_group_initial_s", "  initial sync with it", "s", run.took.as_secs_f64()),
        Figure::new("rss_peak_big_group_mb", "  peak memory of that", "MB", peak),
    ])
}

async fn active_directory(plan: &Plan) -> Result<Figures> {
    let mut figures =
        vec![Figure::new("ad_people", "people in Active Directory (Samba)", "", plan.people as f64)];
    let keys = ["ad_dump_s", "ad_initial_s", "ad_ratio", "ad_people_per_s", "ad_rss_peak_mb"];
    initial(plan, keys, &mut figures)?;
    let mut admin = Admin::connect(plan).await?;
    let latency = latency::measure(plan, &mut admin).await.context("latency")?;
    figures.push(seconds(
        "ad_change_p50_s",
        "from a change to a refused refresh, 50 % within",
        latency.at(0.50),
    ));
    figures.push(seconds("ad_change_p99_s", "  99 % within", latency.at(0.99)));
    Ok(figures)
}

/// The bare dump and the initial sync alternate, so that other load on the machine affects both; medians.
fn initial(plan: &Plan, keys: [&'static str; 5], figures: &mut Figures) -> Result<()> {
    let (mut dumps, mut syncs, mut peak) = (Vec::new(), Vec::new(), 0.0_f64);
    for round in 1..=plan.rounds {
        eprintln!("initial sync, round {round} of {}", plan.rounds);
        dumps.push(bare::dump(plan)?);
        let run = runs::initial(plan.installation(), plan.people)?;
        syncs.push(run.took);
        peak = peak.max(run.peak_mb);
    }
    let (dump, sync) = (median(dumps).as_secs_f64(), median(syncs).as_secs_f64());
    let [key_dump, key_sync, key_ratio, key_rate, key_peak] = keys;
    figures.extend([
        Figure::new(key_dump, "ldapsearch of the same to /dev/null", "s", dump),
        Figure::new(key_sync, "initial sync", "s", sync),
        Figure::new(key_ratio, "  times the bare ldapsearch", "", sync / dump),
        Figure::new(key_rate, "  people", "1/s", plan.people as f64 / sync),
        Figure::new(key_peak, "  peak memory", "MB", peak),
    ]);
    Ok(())
}

fn median(mut of: Vec<Duration>) -> Duration {
    of.sort_unstable();
    of.get(of.len() / 2).copied().unwrap_or_default()
}

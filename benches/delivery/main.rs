//! The cost of deliveries. `benches/delivery.sh` starts this with the configurations of the provider, and with an OpenLDAP
//! for the last part; it is itself the service that is delivered to, runs the release build as a separate process, and
//! measures from outside. Any wrong result ends it with an error.

mod bare;
#[path = "../common/mod.rs"]
mod common;
mod first;
mod people;
mod plan;
mod suspensions;
mod sync;
mod target;

use anyhow::{Context, Result};

use crate::common::figures::{self, Figure, Figures};
use crate::first::Round;
use crate::plan::Plan;
use crate::suspensions::Latency;
use crate::target::NullTarget;

#[tokio::main]
async fn main() -> Result<()> {
    let plan = Plan::from_environment()?;
    let mut target = NullTarget::start(&plan.target).await.context(plan.target.clone())?;
    let mut rounds = Vec::with_capacity(plan.rounds);
    for number in 1..=plan.rounds {
        eprintln!("first delivery, round {number} of {}", plan.rounds);
        rounds.push(first::round(&plan, &target).await.with_context(|| format!("round {number}"))?);
    }
    let mut figures = of_first(&plan, &rounds);
    eprintln!("suspensions while creations wait");
    let latency = suspensions::measure(&plan, &mut target).await.context("suspensions")?;
    figures.extend(of_suspensions(&latency));
    figures.extend(sync::measure(&plan).context("a sync")?);
    figures::add(&plan.figures, &figures)
}

/// Of each figure the median of the rounds, but of the memory the most.
fn of_first(plan: &Plan, rounds: &[Round]) -> Figures {
    let middle = |of: fn(&Round) -> f64| median(rounds.iter().map(of).collect());
    let most = |of: fn(&Round) -> f64| rounds.iter().map(of).fold(0.0, f64::max);
    let subjects = (plan.people + plan.shares) as f64;
    vec![
        Figure::new("people", "people who are delivered", "", plan.people as f64),
        Figure::new("shares", "Team Shares", "", plan.shares as f64),
        Figure::new("requests", "requests for that", "", middle(|round| round.requests)),
        Figure::new("per_s", "people and Team Shares", "1/s", subjects / middle(|round| round.delivery_s)),
        Figure::new("requests_per_s", "requests", "1/s", middle(Round::requests_per_s)),
        Figure::new("bare_requests_per_s", "the same by a bare generator", "1/s", middle(Round::bare_per_s)),
        Figure::new("ratio", "  of which the provider reaches", "", middle(Round::ratio)),
        Figure::new("rss_idle_mb", "memory of the provider before", "MB", most(|round| round.idle_mb)),
        Figure::new("rss_mb", "  peak", "MB", most(|round| round.peak_mb)),
    ]
}

fn of_suspensions(latency: &Latency) -> Figures {
    let [half, most] = [0.50, 0.99].map(|quantile| latency.at(quantile).as_secs_f64());
    vec![
        Figure::new("suspension_waiting", "creations that waited at the end", "", latency.waiting as f64),
        Figure::new("suspension_p50_s", "from a suspension to its request, 50 % within", "s", half),
        Figure::new("suspension_p99_s", "  99 % within", "s", most),
    ]
}

/// The middle one; 0 if there is none.
fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or_default()
}

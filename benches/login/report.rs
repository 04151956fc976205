//! The figures: a table for people, a file for machines.

use anyhow::Result;
use serde_json::json;

use crate::plan::Plan;

/// What one round gave.
#[derive(Clone, Copy)]
pub struct Round {
    pub logins_per_s: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub binds_per_s: f64,
    pub bind_ratio: f64,
    pub cpu_ms_per_login: f64,
    pub rss_idle_mb: f64,
    pub rss_load_mb: f64,
    pub ready_ms: f64,
    /// Of OpenLDAP and of this program, in milliseconds a login: what else the machine was busy with.
    pub directory_cpu_ms: f64,
    pub driver_cpu_ms: f64,
}

/// A line of the table: what it is, its unit, how many decimals, where it is.
type Line = (&'static str, &'static str, usize, fn(&Round) -> f64);

const LINES: [Line; 11] = [
    ("complete logins", "1/s", 0, |round| round.logins_per_s),
    ("  half of them within", "ms", 1, |round| round.p50_ms),
    ("  99 % of them within", "ms", 1, |round| round.p99_ms),
    ("raw binds of the same OpenLDAP", "1/s", 0, |round| round.binds_per_s),
    ("  logins for each of them", "", 3, |round| round.bind_ratio),
    ("CPU of the provider", "ms/login", 2, |round| round.cpu_ms_per_login),
    ("  beside it, of OpenLDAP", "ms/login", 2, |round| round.directory_cpu_ms),
    ("  beside it, of this driver", "ms/login", 2, |round| round.driver_cpu_ms),
    ("memory of the provider, idle", "MB", 1, |round| round.rss_idle_mb),
    ("  under load, at most", "MB", 1, |round| round.rss_load_mb),
    ("from exec to ready", "ms", 0, |round| round.ready_ms),
];

/// Prints every round and the medians. `signature_ms`: of one RS256 signature on this machine, alone.
pub fn print(plan: &Plan, rounds: &[Round], signature_ms: f64) {
    println!(
        "\n{} rounds of {} complete logins, {} at a time, of {} people in OpenLDAP",
        plan.rounds, plan.logins, plan.at_once, plan.people
    );
    println!(
        "authorize, page, post, code, tokens (RS256 ID token, ES256 access token), userinfo; SQLite; HTTP/1.1 kept alive"
    );
    println!(
        "the provider keeps 4 connections for searches and 8 for binds; raw binds go over {}",
        plan.at_once
    );
    println!("everything on this one machine, {} CPUs, load before: {}", cpus(), plan.load);
    println!("one RS256 signature by itself: {signature_ms:.2} ms\n");
    print!("{:<34}{:>9}", "", "median");
    (1..=rounds.len()).for_each(|number| print!("{:>9}", format!("round {number}")));
    println!();
    for (name, unit, decimals, figure) in LINES {
        print!("{name:<34}{:>9.decimals$}", median(rounds, figure));
        rounds.iter().for_each(|round| print!("{:>9.decimals$}", figure(round)));
        println!("  {unit}");
    }
}

/// Writes `login.json`.
pub fn write(plan: &Plan, rounds: &[Round]) -> Result<()> {
    let figures = json!({
        "logins_per_s": rounded(median(rounds, |round| round.logins_per_s)),
        "p50_ms": rounded(median(rounds, |round| round.p50_ms)),
        "p99_ms": rounded(median(rounds, |round| round.p99_ms)),
        "binds_per_s": rounded(median(rounds, |round| round.binds_per_s)),
        "bind_ratio": rounded(median(rounds, |round| round.bind_ratio)),
        "cpu_ms_per_login": rounded(median(rounds, |round| round.cpu_ms_per_login)),
        "rss_idle_mb": rounded(median(rounds, |round| round.rss_idle_mb)),
        "rss_load_mb": rounded(median(rounds, |round| round.rss_load_mb)),
        "ready_ms": rounded(median(rounds, |round| round.ready_ms)),
    });
    let path = plan.folder.join("login.json");
    std::fs::write(&path, format!("{figures:#}\n"))?;
    println!("\n{}", path.display());
    Ok(())
}

fn median(rounds: &[Round], figure: fn(&Round) -> f64) -> f64 {
    let mut values: Vec<f64> = rounds.iter().map(figure).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn cpus() -> usize {
    std::thread::available_parallelism().map_or(0, usize::from)
}

//! Report the figures: a table for people, a file for machines.

use anyhow::Result;
use serde_json::json;

use crate::plan::Plan;

/// What one provider did under load.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub logins_per_s: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// Of the provider, per login.
    pub cpu_ms: f64,
    /// Of OpenLDAP and of this program, per login: other load on the machine.
    pub directory_cpu_ms: f64,
    pub driver_cpu_ms: f64,
    pub rss_idle_mb: f64,
    pub rss_load_mb: f64,
    pub ready_ms: f64,
}

/// The results of one round.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    pub binds_per_s: f64,
    /// With name and password alone.
    pub plain: Load,
    /// With a code of an authenticator.
    pub totp: Load,
}

impl Round {
    fn bind_ratio(&self) -> f64 {
        self.plain.logins_per_s / self.binds_per_s
    }

    /// The CPU time that the second factor adds to a login.
    fn growth_ms(&self) -> f64 {
        self.totp.cpu_ms - self.plain.cpu_ms
    }
}

/// A line of the table: label, unit, number of decimals, value.
type Line = (&'static str, &'static str, usize, fn(&Round) -> f64);

const LINES: [Line; 18] = [
    ("complete logins", "1/s", 0, |round| round.plain.logins_per_s),
    ("  50 % of them within", "ms", 1, |round| round.plain.p50_ms),
    ("  99 % of them within", "ms", 1, |round| round.plain.p99_ms),
    ("raw binds of the same OpenLDAP", "1/s", 0, |round| round.binds_per_s),
    ("  logins per bind", "", 3, Round::bind_ratio),
    ("CPU of the provider", "ms/login", 2, |round| round.plain.cpu_ms),
    ("  of OpenLDAP meanwhile", "ms/login", 2, |round| round.plain.directory_cpu_ms),
    ("  of this driver meanwhile", "ms/login", 2, |round| round.plain.driver_cpu_ms),
    ("memory of the provider, idle", "MB", 1, |round| round.plain.rss_idle_mb),
    ("  under load, at most", "MB", 1, |round| round.plain.rss_load_mb),
    ("from exec to ready", "ms", 0, |round| round.plain.ready_ms),
    ("complete logins with TOTP", "1/s", 0, |round| round.totp.logins_per_s),
    ("  50 % of them within", "ms", 1, |round| round.totp.p50_ms),
    ("  99 % of them within", "ms", 1, |round| round.totp.p99_ms),
    ("CPU of the provider", "ms/login", 2, |round| round.totp.cpu_ms),
    ("  more than without", "ms/login", 2, Round::growth_ms),
    ("  of this driver meanwhile", "ms/login", 2, |round| round.totp.driver_cpu_ms),
    ("  memory under load, at most", "MB", 1, |round| round.totp.rss_load_mb),
];

/// Prints every round and the medians. `signature_ms` is the time of a single RS256 signature on this
/// machine.
pub fn print(plan: &Plan, rounds: &[Round], signature_ms: f64) {
    println!(
        "\n{} rounds of {} complete logins, {} at a time, of {} people in OpenLDAP",
        plan.rounds, plan.logins, plan.at_once, plan.people
    );
    println!(
        "authorize, page, post, code, tokens (RS256 ID token, ES256 access token), userinfo; SQLite; HTTP/1.1 kept alive"
    );
    println!("with TOTP: as many logins, each with the page and the post of a code as well");
    println!(
        "the provider keeps 4 connections for searches and 8 for binds; raw binds go over {}",
        plan.at_once
    );
    println!("all on this machine, {} CPUs, load before: {}", cpus(), plan.load);
    println!("one RS256 signature alone: {signature_ms:.2} ms\n");
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
        "logins_per_s": rounded(median(rounds, |round| round.plain.logins_per_s)),
        "p50_ms": rounded(median(rounds, |round| round.plain.p50_ms)),
        "p99_ms": rounded(median(rounds, |round| round.plain.p99_ms)),
        "binds_per_s": rounded(median(rounds, |round| round.binds_per_s)),
        "bind_ratio": rounded(median(rounds, Round::bind_ratio)),
        "cpu_ms_per_login": rounded(median(rounds, |round| round.plain.cpu_ms)),
        "rss_idle_mb": rounded(median(rounds, |round| round.plain.rss_idle_mb)),
        "rss_load_mb": rounded(median(rounds, |round| round.plain.rss_load_mb)),
        "ready_ms": rounded(median(rounds, |round| round.plain.ready_ms)),
        "logins_per_s_totp": rounded(median(rounds, |round| round.totp.logins_per_s)),
        "p50_ms_totp": rounded(median(rounds, |round| round.totp.p50_ms)),
        "p99_ms_totp": rounded(median(rounds, |round| round.totp.p99_ms)),
        "cpu_ms_per_login_totp": rounded(median(rounds, |round| round.totp.cpu_ms)),
        "cpu_ms_more_with_totp": rounded(median(rounds, Round::growth_ms)),
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

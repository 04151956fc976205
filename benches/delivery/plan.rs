//! What to measure, from the environment that `benches/delivery.sh` sets.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use crate::common::process::Launch;
use crate::common::runs::Installation;

/// The id of the service in the settings.
pub const SERVICE: &str = "null";

/// The parameters of a run.
pub struct Plan {
    pub people: usize,
    pub shares: usize,
    pub rounds: usize,
    /// Connections of the bare generator: as many as the provider uses.
    pub at_once: usize,
    /// Creations that wait while people are suspended, and how many of them may be delivered meanwhile.
    pub waiting: usize,
    pub spare: usize,
    pub suspensions: usize,
    /// The time of each answer while people are suspended.
    pub answer: Duration,
    pub issuer: String,
    pub provider: PathBuf,
    /// `address:port` of the service.
    pub target: String,
    /// Contains `idp.toml` and `settings.toml`; the store is created in it.
    pub home: PathBuf,
    /// The same for a sync of the OpenLDAP, without the service and with it.
    pub sync_homes: [PathBuf; 2],
    pub figures: PathBuf,
}

impl Plan {
    pub fn from_environment() -> Result<Self> {
        Ok(Self {
            people: number("BENCH_PEOPLE")?,
            shares: number("BENCH_SHARES")?,
            rounds: number("BENCH_ROUNDS")?,
            at_once: number("BENCH_AT_ONCE")?,
            waiting: number("BENCH_WAITING")?,
            spare: number("BENCH_SPARE")?,
            suspensions: number("BENCH_SUSPENSIONS")?,
            answer: Duration::from_millis(number("BENCH_ANSWER_MS")?),
            issuer: text("BENCH_ISSUER")?,
            provider: text("BENCH_PROVIDER")?.into(),
            target: text("BENCH_TARGET")?,
            home: text("BENCH_HOME")?.into(),
            sync_homes: [text("BENCH_SYNC_WITHOUT")?.into(), text("BENCH_SYNC_WITH")?.into()],
            figures: text("BENCH_FIGURES")?.into(),
        })
    }

    /// The provider in one of the folders.
    pub fn installation<'a>(&'a self, folder: &'a Path) -> Installation<'a> {
        Installation { program: &self.provider, folder }
    }

    /// How to start the provider that delivers; `config` is its `idp.toml`.
    pub fn launch<'a>(&'a self, config: &'a Path) -> Launch<'a> {
        let address = self.issuer.trim_start_matches("http://");
        Launch { program: &self.provider, config, folder: &self.home, address }
    }

    /// The URL of its store.
    pub fn store(&self) -> String {
        format!("sqlite:{}", self.home.join("idp.db").display())
    }
}

fn text(name: &str) -> Result<String> {
    std::env::var(name).map_err(|_| anyhow!("{name} is not set: start this with make bench-delivery"))
}

fn number<T: FromStr<Err = std::num::ParseIntError>>(name: &str) -> Result<T> {
    let value = text(name)?;
    value.parse().with_context(|| format!("{name}={value}"))
}

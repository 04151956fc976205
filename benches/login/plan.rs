//! What is to be measured, and where, as `run.sh` has put it into the environment.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, Result, anyhow};

/// The plan of a run.
pub struct Plan {
    pub logins: usize,
    pub rounds: usize,
    pub at_once: usize,
    pub binds: usize,
    pub people: usize,
    /// The machine's load before the run, as the kernel says it.
    pub load: String,
    pub issuer: String,
    pub provider: PathBuf,
    pub config: PathBuf,
    /// Of the provider that asks everybody for a second factor.
    pub config_totp: PathBuf,
    /// For logs and the result.
    pub folder: PathBuf,
    /// `address:port` of `ldaps://`.
    pub ldaps: String,
    pub base_dn: String,
    /// Everybody's.
    pub password: String,
    pub directory_pid: u32,
}

impl Plan {
    pub fn from_environment() -> Result<Self> {
        let pid_file = text("LDAP_PIDFILE")?;
        let pid = std::fs::read_to_string(&pid_file).context(pid_file)?;
        Ok(Self {
            logins: number("BENCH_LOGINS")?,
            rounds: number("BENCH_ROUNDS")?,
            at_once: number("BENCH_AT_ONCE")?,
            binds: number("BENCH_BINDS")?,
            people: number("BENCH_PEOPLE")?,
            load: text("BENCH_LOAD")?,
            issuer: text("BENCH_ISSUER")?,
            provider: text("BENCH_PROVIDER")?.into(),
            config: text("BENCH_CONFIG")?.into(),
            config_totp: text("BENCH_CONFIG_TOTP")?.into(),
            folder: text("BENCH_DIR")?.into(),
            ldaps: format!("{}:{}", text("LDAP_ADDR")?, text("LDAP_TLSPORT")?),
            base_dn: text("LDAP_BASE")?,
            password: text("LDAP_USER_PW")?,
            directory_pid: pid.trim().parse()?,
        })
    }

    /// The provider's `address:port`.
    pub fn address(&self) -> &str {
        self.issuer.trim_start_matches("http://")
    }

    /// The login name of a person by number; after the last one they begin again.
    pub fn person(&self, number: usize) -> String {
        format!("u{:07}", number % self.people)
    }

    /// Logins before the timed ones: connections are opened, statements prepared.
    pub fn warm_up(&self) -> usize {
        self.logins.div_ceil(10)
    }
}

fn text(name: &str) -> Result<String> {
    std::env::var(name).map_err(|_| anyhow!("{name} is not set: run me by make bench"))
}

fn number<T: FromStr<Err = std::num::ParseIntError>>(name: &str) -> Result<T> {
    let value = text(name)?;
    value.parse().with_context(|| format!("{name}={value}"))
}

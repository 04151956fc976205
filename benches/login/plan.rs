//! What to measure and where, from the environment that `login.sh` sets.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, Result, anyhow};

/// The parameters of a run.
pub struct Plan {
    pub logins: usize,
    pub rounds: usize,
    pub at_once: usize,
    pub binds: usize,
    pub people: usize,
    /// The machine's load average before the run.
    pub load: String,
    pub issuer: String,
    pub provider: PathBuf,
    pub config: PathBuf,
    /// The configuration of the provider that requires a second factor of everybody.
    pub config_totp: PathBuf,
    pub folder: PathBuf,
    /// `address:port` of `ldaps://`.
    pub ldaps: String,
    pub base_dn: String,
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

    pub fn address(&self) -> &str {
        self.issuer.trim_start_matches("http://")
    }

    /// The login name of a person by number; the numbers wrap around.
    pub fn person(&self, number: usize) -> String {
        format!("u{:07}", number % self.people)
    }

    /// Logins before the timed ones: they open connections and prepare statements.
    pub fn warm_up(&self) -> usize {
        self.logins.div_ceil(10)
    }
}

fn text(name: &str) -> Result<String> {
    std::env::var(name).map_err(|_| anyhow!("{name} is not set: start this with make bench"))
}

fn number<T: FromStr<Err = std::num::ParseIntError>>(name: &str) -> Result<T> {
    let value = text(name)?;
    value.parse().with_context(|| format!("{name}={value}"))
}

//! What to measure, from the environment that `benches/sync.sh` sets.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, Result, anyhow, bail};

use crate::common::runs::Installation;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    OpenLdap,
    /// An OpenLDAP with fewer people.
    Small,
    /// An OpenLDAP with a very large group.
    BigGroup,
    ActiveDirectory,
}

/// The parameters of one part.
pub struct Plan {
    pub part: Part,
    pub people: usize,
    /// Members of the large group.
    pub big_group: usize,
    pub rounds: usize,
    /// The number of changes, each of which is waited for.
    pub changes: usize,
    pub issuer: String,
    pub provider: PathBuf,
    /// Contains `idp.toml` and `settings.toml`; the store is created in it.
    pub home: PathBuf,
    /// The file for the figures of all parts.
    pub figures: PathBuf,
    /// `host:port` of `ldaps://`.
    pub ldaps: String,
    pub base_dn: String,
    /// The provider's service account.
    pub reader: (String, String),
    /// The account that makes changes.
    pub admin: (String, String),
    pub password: String,
}

impl Plan {
    pub fn from_environment() -> Result<Self> {
        let part = match text("BENCH_PART")?.as_str() {
            "openldap" => Part::OpenLdap,
            "small" => Part::Small,
            "big" => Part::BigGroup,
            "ad" => Part::ActiveDirectory,
            other => bail!("unknown BENCH_PART {other}"),
        };
        let (lab, ldaps) = match part {
            Part::ActiveDirectory => ("AD", format!("{}:636", text("AD_ADDR")?)),
            _ => ("LDAP", format!("{}:{}", text("LDAP_ADDR")?, text("LDAP_TLSPORT")?)),
        };
        let of = |name: &str| text(&format!("{lab}_{name}"));
        Ok(Self {
            part,
            people: number("BENCH_PEOPLE")?,
            big_group: number("BENCH_BIG_GROUP")?,
            rounds: number("BENCH_ROUNDS")?,
            changes: number("BENCH_CHANGES")?,
            issuer: text("BENCH_ISSUER")?,
            provider: text("BENCH_PROVIDER")?.into(),
            home: text("BENCH_HOME")?.into(),
            figures: text("BENCH_FIGURES")?.into(),
            ldaps,
            base_dn: of("BASE")?,
            reader: (of("SVC")?, of("SVC_PW")?),
            admin: (of("ADMIN")?, of("ADMIN_PW")?),
            password: of("USER_PW")?,
        })
    }

    pub fn installation(&self) -> Installation<'_> {
        Installation { program: &self.provider, folder: &self.home }
    }

    pub fn is_active_directory(&self) -> bool {
        self.part == Part::ActiveDirectory
    }

    /// The login name of a person by number.
    pub fn person(&self, number: usize) -> String {
        if self.is_active_directory() { format!("user{number:06}") } else { format!("u{number:07}") }
    }

    /// The DN of their entry.
    pub fn dn(&self, number: usize) -> String {
        let (name, base) = (self.person(number), &self.base_dn);
        if self.is_active_directory() {
            format!("CN={name},OU=Bulk,{base}")
        } else {
            format!("uid={name},ou=people,{base}")
        }
    }

    pub fn email(&self, number: usize) -> String {
        let domain = if self.is_active_directory() { "example.com" } else { "example.org" };
        format!("{}@{domain}", self.person(number))
    }
}

fn text(name: &str) -> Result<String> {
    std::env::var(name).map_err(|_| anyhow!("{name} is not set: start this with make bench-sync"))
}

fn number<T: FromStr<Err = std::num::ParseIntError>>(name: &str) -> Result<T> {
    let value = text(name)?;
    value.parse().with_context(|| format!("{name}={value}"))
}

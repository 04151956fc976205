//! Addresses of databases. They may contain a password, which is never printed.

use std::fmt;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use url::Url;

use super::ConfigValue;
use crate::domain::secret::Plain;

/// The address of the store or of the volatile store, as its `open` takes it.
#[derive(Clone, PartialEq, Eq)]
pub struct BackendUrl(String);

impl BackendUrl {
    /// `sqlite:PATH` or `postgres://...`.
    pub(super) fn store(value: &ConfigValue, full: bool) -> Result<Self, String> {
        if let Some(path) = value.value.strip_prefix("sqlite:") {
            return sqlite(path, value, full);
        }
        match scheme(&value.value) {
            Some("postgres" | "postgresql") if full => {
                Err("sqlite_synchronous = \"full\" has no effect with PostgreSQL; remove it".to_owned())
            }
            Some("postgres" | "postgresql") => Ok(Self(value.value.clone())),
            _ => Err("is not allowed; use sqlite:PATH or postgres://user:password@host/database".to_owned()),
        }
    }

    /// `memory` or `redis://...`.
    pub(super) fn volatile(value: &str) -> Result<Self, String> {
        match (value, scheme(value)) {
            ("memory", _) | (_, Some("redis" | "rediss")) => Ok(Self(value.to_owned())),
            _ => Err("is not allowed; use memory, redis://host or rediss://host (TLS)".to_owned()),
        }
    }

    /// The folder of a SQLite file.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        let path = self.0.strip_prefix("sqlite:")?;
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        Path::new(path).parent().map(Path::to_path_buf)
    }

    /// The passwords in it, percent-encoded and decoded, so that both can be redacted.
    #[must_use]
    pub fn passwords(&self) -> Vec<Plain> {
        let Ok(url) = Url::parse(&self.0) else { return Vec::new() };
        let written = url.password().map(str::to_owned);
        let meant = url.password().map(|text| percent_decode_str(text).decode_utf8_lossy().into_owned());
        let asked =
            url.query_pairs().filter(|(name, _)| name == "password").map(|(_, value)| value.into_owned());
        written.into_iter().chain(meant).chain(asked).map(Plain::new).collect()
    }

    /// The address with its password, for connecting.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

fn sqlite(path: &str, value: &ConfigValue, full: bool) -> Result<BackendUrl, String> {
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.contains(":memory:") {
        return Err("is not allowed; sqlite: needs the path of a file, such as sqlite:idp.db".to_owned());
    }
    if path.contains(['?', '#']) {
        return Err(
            "is not allowed; the path has a ? or #. (Use the key sqlite_synchronous to wait for the disk at each \
                    commit.)"
                .to_owned(),
        );
    }
    let path = value.folder.join(path);
    let query = if full { "?synchronous=full" } else { "" };
    Ok(BackendUrl(format!("sqlite:{}{query}", path.display())))
}

/// The scheme, if the text is an address.
fn scheme(value: &str) -> Option<&str> {
    Url::parse(value).ok()?;
    value.split_once("://").map(|(scheme, _)| scheme)
}

impl fmt::Display for BackendUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == "memory" || self.0.starts_with("sqlite:") {
            return f.write_str(&self.0);
        }
        let Ok(mut url) = Url::parse(&self.0) else { return f.write_str("[redacted]") };
        // PostgreSQL takes a password in the query too
        url.set_query(None);
        if url.password().is_some() && url.set_password(Some("redacted")).is_err() {
            return f.write_str("[redacted]");
        }
        fmt::Display::fmt(&url, f)
    }
}

impl fmt::Debug for BackendUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

//! Read the configuration of the process: a small TOML file and environment variables, which win. It is read
//! once, at start; what administrators change at run time is in the store (`flow::settings`). A configuration
//! with which passwords would cross a network in clear text is refused, and the error says how to fix it.

mod backend;
mod issuer;
#[cfg(test)]
mod tests;
mod values;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;

pub use backend::BackendUrl;
pub use issuer::Issuer;
use values::{ConfigValue, ConfigValues, Environment};

/// Everything that a process needs to start.
#[derive(Clone, Debug)]
pub struct Config {
    pub public_url: Issuer,
    /// The address and port to listen on.
    pub listen: SocketAddr,
    /// The database for durable state.
    pub store: BackendUrl,
    /// The store for short-lived state.
    pub volatile: BackendUrl,
    /// The folder of the sealing key.
    pub keys_dir: PathBuf,
    /// The format of the log.
    pub log_format: LogFormat,
    /// Set if the process serves TLS itself.
    pub tls: Option<TlsFiles>,
    /// Proxies that terminate TLS and whose `X-Forwarded-*` headers are trusted.
    pub trusted_proxies: Vec<IpNet>,
}

/// The format of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    #[default]
    Human,
    /// One JSON object per line.
    Json,
}

/// The files of the server's own certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate chain, the server's own first.
    pub certificate: PathBuf,
    /// The private key of the certificate.
    pub private_key: PathBuf,
}

/// All errors in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// One sentence per error.
    pub problems: Vec<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("\n"))
    }
}

impl Config {
    /// Reads the file (`--config`, or else `CLOUDSYNC_IDP_CONFIG`, or else none) and the environment.
    pub fn load(file: Option<&Path>, environment: Environment<'_>) -> Result<Self, ConfigError> {
        let file =
            file.map(Path::to_path_buf).or_else(|| environment("CLOUDSYNC_IDP_CONFIG").map(PathBuf::from));
        let text = match &file {
            None => String::new(),
            Some(path) => std::fs::read_to_string(path).map_err(|error| ConfigError {
                problems: vec![format!("can't read the configuration {}: {error}", path.display())],
            })?,
        };
        Self::parse(&file.unwrap_or_default(), &text, environment)
    }

    /// Reads the text of a file at `path`, which need not exist yet.
    pub fn parse(path: &Path, text: &str, environment: Environment<'_>) -> Result<Self, ConfigError> {
        let mut values = ConfigValues::gather(path, text, environment);
        let config = typed(&mut values);
        match config {
            Some(config) if values.problems.is_empty() => {
                config.refuse_clear_text().map_err(|problem| ConfigError { problems: vec![problem] })?;
                Ok(config)
            }
            _ => Err(ConfigError { problems: values.problems }),
        }
    }

    /// RFC 6749 section 3.1 requires TLS for every request with a password or a code. Only a browser on this
    /// machine may use plain http.
    fn refuse_clear_text(&self) -> Result<(), String> {
        let url = self.public_url.as_str();
        if self.public_url.is_https() {
            if self.tls.is_none() && self.trusted_proxies.is_empty() {
                return Err(format!(
                    "public_url is {url}, but this process does not serve TLS: set [tls] certificate and private_key, \
                     or name the proxy that terminates TLS in trusted_proxies"
                ));
            }
            return Ok(());
        }
        if self.tls.is_some() {
            return Err(format!("public_url is {url}, but [tls] is set: write public_url with https"));
        }
        if !self.public_url.is_loopback() {
            return Err(format!(
                "public_url is {url}: passwords would cross the network in clear text. Write it with https and set \
                 [tls] or trusted_proxies; plain http is for localhost only"
            ));
        }
        if !self.listen.ip().is_loopback() {
            return Err(format!(
                "public_url is {url}, but listen is {}: other machines could connect in clear text. Listen on 127.0.0.1, or \
                 write public_url with https and set [tls] or trusted_proxies",
                self.listen
            ));
        }
        Ok(())
    }
}

/// `None` if a value without a default is missing or wrong; `values.problems` then says which.
fn typed(values: &mut ConfigValues) -> Option<Config> {
    let public_url = values.read("public_url", |value| Issuer::parse(&value.value));
    let listen = values.read("listen", |value| listen(&value.value));
    let full = values.read("sqlite_synchronous", |value| synchronous(&value.value)).unwrap_or(false);
    let store = values.read("store", |value| BackendUrl::store(value, full));
    let volatile = values.read("volatile", |value| BackendUrl::volatile(&value.value));
    let keys_dir = values.read("keys_dir", |value| Ok(value.path()));
    let log_format = values.read("log_format", |value| log_format(&value.value));
    let trusted_proxies = values.read("trusted_proxies", |value| proxies(&value.value)).unwrap_or_default();
    let tls = tls(values);
    Some(Config {
        public_url: public_url?,
        listen: listen?,
        store: store?,
        volatile: volatile?,
        keys_dir: keys_dir?,
        log_format: log_format?,
        tls,
        trusted_proxies,
    })
}

fn tls(values: &mut ConfigValues) -> Option<TlsFiles> {
    let certificate = values.read("tls.certificate", |value| Ok(value.path()));
    let private_key = values.read("tls.private_key", |value| Ok(value.path()));
    match (certificate, private_key) {
        (Some(certificate), Some(private_key)) => Some(TlsFiles { certificate, private_key }),
        (None, None) => None,
        (Some(_), None) => values.lacks("tls.private_key", "tls.certificate is set without it"),
        (None, Some(_)) => values.lacks("tls.certificate", "tls.private_key is set without it"),
    }
}

fn listen(value: &str) -> Result<SocketAddr, String> {
    value.parse().map_err(|_| {
        format!("{value:?} is not allowed; use an IP address and a port, such as 127.0.0.1:8080 or [::]:8443")
    })
}

fn synchronous(value: &str) -> Result<bool, String> {
    match value {
        "normal" => Ok(false),
        "full" => Ok(true),
        _ => Err(format!("{value:?} is not allowed; use one of normal, full")),
    }
}

fn log_format(value: &str) -> Result<LogFormat, String> {
    match value {
        "human" => Ok(LogFormat::Human),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("{value:?} is not allowed; use one of human, json")),
    }
}

fn proxies(value: &str) -> Result<Vec<IpNet>, String> {
    value.split(',').map(str::trim).filter(|part| !part.is_empty()).map(proxy).collect()
}

/// A network of all addresses is refused: any client could then forge its address.
fn proxy(text: &str) -> Result<IpNet, String> {
    let net: IpNet = match text.parse::<std::net::IpAddr>() {
        Ok(address) => address.into(),
        Err(_) => text.parse().map_err(|_| {
            format!("{text:?} is not allowed; use addresses or networks, such as 10.0.0.5 or 10.0.0.0/8")
        })?,
    };
    if net.prefix_len() == 0 {
        return Err(format!("{text:?} would trust every client; name the addresses of the proxies"));
    }
    Ok(net.trunc())
}

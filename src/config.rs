//! What a process needs to start: a small TOML file and the environment, which wins. It is read once and never written;
//! what administrators change at run time is in the store (`flow::settings`). A configuration that would let passwords
//! cross a network in clear text is refused, with what to do about it.

mod backend;
mod given;
mod issuer;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;

pub use backend::BackendUrl;
use given::{Environment, Given, Givens};
pub use issuer::Issuer;

/// Everything that a process needs to start.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where browsers and clients find us: the issuer.
    pub public_url: Issuer,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Durable state.
    pub store: BackendUrl,
    /// Short-lived state.
    pub volatile: BackendUrl,
    /// Where the sealing key is.
    pub keys_dir: PathBuf,
    /// How the log is written.
    pub log_format: LogFormat,
    /// Serve TLS ourselves.
    pub tls: Option<TlsFiles>,
    /// Proxies whose word on the client's address and scheme is taken. TLS ends there.
    pub trusted_proxies: Vec<IpNet>,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// Files of our own certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, our certificate first.
    pub certificate: PathBuf,
    /// Its key.
    pub private_key: PathBuf,
}

/// Everything that is wrong with the configuration, a sentence each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// One sentence each.
    pub problems: Vec<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("\n"))
    }
}

impl Config {
    /// Reads the file (`--config`, else the one that `CLOUDSYNC_IDP_CONFIG` names, else none) and the environment.
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

    /// Reads the text of a file that lies (or would lie) at `path`.
    pub fn parse(path: &Path, text: &str, environment: Environment<'_>) -> Result<Self, ConfigError> {
        let mut givens = Givens::gather(path, text, environment);
        let config = typed(&mut givens);
        match config {
            Some(config) if givens.problems.is_empty() => {
                config.refuse_clear_text().map_err(|problem| ConfigError { problems: vec![problem] })?;
                Ok(config)
            }
            _ => Err(ConfigError { problems: givens.problems }),
        }
    }

    /// RFC 6749 section 3.1: TLS for every request with a password or a code in it. Only a browser on this very machine
    /// may do without.
    fn refuse_clear_text(&self) -> Result<(), String> {
        let url = self.public_url.as_str();
        if self.public_url.is_https() {
            if self.tls.is_none() && self.trusted_proxies.is_empty() {
                return Err(format!(
                    "public_url is {url}, but nothing here serves TLS: set [tls] certificate and private_key, or \
                     name the proxy where TLS ends in trusted_proxies"
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
                "public_url is {url}, but listen is {}: others could connect in clear text. Listen on 127.0.0.1, or \
                 write public_url with https and set [tls] or trusted_proxies",
                self.listen
            ));
        }
        Ok(())
    }
}

/// `None` when something that has no default is missing or wrong; the givens then say what.
fn typed(givens: &mut Givens) -> Option<Config> {
    let public_url = givens.read("public_url", |given| Issuer::parse(&given.value));
    let listen = givens.read("listen", |given| listen(&given.value));
    let full = givens.read("sqlite_synchronous", |given| synchronous(&given.value)).unwrap_or(false);
    let store = givens.read("store", |given| BackendUrl::store(given, full));
    let volatile = givens.read("volatile", |given| BackendUrl::volatile(&given.value));
    let keys_dir = givens.read("keys_dir", |given| Ok(given.path()));
    let log_format = givens.read("log_format", |given| log_format(&given.value));
    let trusted_proxies = givens.read("trusted_proxies", |given| proxies(&given.value)).unwrap_or_default();
    let tls = tls(givens);
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

fn tls(givens: &mut Givens) -> Option<TlsFiles> {
    let certificate = givens.read("tls.certificate", |given| Ok(given.path()));
    let private_key = givens.read("tls.private_key", |given| Ok(given.path()));
    match (certificate, private_key) {
        (Some(certificate), Some(private_key)) => Some(TlsFiles { certificate, private_key }),
        (None, None) => None,
        (Some(_), None) => givens.lacks("tls.private_key", "tls.certificate is set without it"),
        (None, Some(_)) => givens.lacks("tls.certificate", "tls.private_key is set without it"),
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

/// A network of all addresses would let everybody say who they are.
fn proxy(text: &str) -> Result<IpNet, String> {
    let net: IpNet = match text.parse::<std::net::IpAddr>() {
        Ok(address) => address.into(),
        Err(_) => text.parse().map_err(|_| {
            format!("{text:?} is not allowed; use addresses or networks, such as 10.0.0.5 or 10.0.0.0/8")
        })?,
    };
    if net.prefix_len() == 0 {
        return Err(format!("{text:?} would trust everybody; name the addresses of the proxies"));
    }
    Ok(net.trunc())
}

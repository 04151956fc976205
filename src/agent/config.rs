//! The configuration of an agent: a TOML file. What it may reach is written here, at its own end.

use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::Deserialize;
use url::{Host, Url};

use crate::domain::agent::{AllowList, MOST_TARGETS, Target};
use crate::domain::network::is_loopback;
use crate::domain::secret::Plain;

/// Everything that an agent needs to start.
#[derive(Clone, Debug)]
pub struct AgentConfig {
    /// The provider's public address, as its `public_url`.
    pub provider: String,
    /// Scheme, host and port of it.
    pub(crate) url: Url,
    pub(crate) allowed: AllowList,
    pub(crate) key_file: PathBuf,
    /// CA certificates to trust instead of the system's, for the provider's certificate.
    pub(crate) ca_pem: Option<String>,
    pub(crate) proxy: Option<Proxy>,
}

/// An HTTP proxy that is asked for a connection (CONNECT, RFC 9110 section 9.3.6).
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// `user:password`.
    pub(crate) credentials: Option<Plain>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    provider: String,
    #[serde(default)]
    servers: Vec<String>,
    #[serde(default)]
    domain: Option<String>,
    #[serde(default)]
    networks: Vec<String>,
    #[serde(default)]
    key_file: Option<PathBuf>,
    #[serde(default)]
    ca_file: Option<PathBuf>,
    #[serde(default)]
    proxy: Option<String>,
}

/// Why a configuration can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct AgentConfigError(String);

fn wrong(text: impl Into<String>) -> AgentConfigError {
    AgentConfigError(text.into())
}

impl AgentConfig {
    /// Reads the file at this path, and the CA's.
    pub fn load(path: &Path) -> Result<Self, AgentConfigError> {
        let read = |path: &Path| {
            std::fs::read_to_string(path)
                .map_err(|error| wrong(format!("can't read {}: {error}", path.display())))
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&read(path)?, folder, |ca| read(&folder.join(ca)))
    }

    fn parse(
        text: &str,
        folder: &Path,
        read_ca: impl Fn(&Path) -> Result<String, AgentConfigError>,
    ) -> Result<Self, AgentConfigError> {
        // The message alone, since the whole text repeats the line, which may contain the proxy's password.
        let file: ConfigFile = toml::from_str(text).map_err(|error| wrong(error.message()))?;
        let (provider, url) = provider(&file.provider)?;
        let key_file = folder.join(file.key_file.as_deref().unwrap_or(Path::new("agent.key")));
        let ca_pem = file.ca_file.as_deref().map(&read_ca).transpose()?;
        let proxy = file.proxy.as_deref().map(proxy).transpose()?;
        Ok(Self { provider, url, allowed: allow_list(&file)?, key_file, ca_pem, proxy })
    }

    /// The file of the key that is to replace the key.
    pub(crate) fn next_key_file(&self) -> PathBuf {
        let mut name = self.key_file.clone().into_os_string();
        name.push(".next");
        name.into()
    }
}

fn allow_list(file: &ConfigFile) -> Result<AllowList, AgentConfigError> {
    let servers = file.servers.iter().map(|text| Target::server(text));
    let domain = file.domain.iter().map(|text| Target::domain(text));
    let targets: Vec<Target> =
        servers.chain(domain).collect::<Result<_, _>>().map_err(|error| wrong(error.to_string()))?;
    if targets.is_empty() {
        return Err(wrong(
            "nothing may be reached: set servers = [\"dc1.corp.example.com:636\"] or domain = \"corp.example.com\"",
        ));
    }
    if targets.len() > MOST_TARGETS {
        return Err(wrong(format!("servers has more than {MOST_TARGETS} entries")));
    }
    let network = |text: &String| {
        let address = text.parse::<std::net::IpAddr>().map(IpNet::from);
        address.or_else(|_| text.parse::<IpNet>()).map_err(|_| {
            wrong(format!("networks: {text:?} is not a network or an address, such as 127.0.0.0/8"))
        })
    };
    let networks = file.networks.iter().map(network).collect::<Result<_, _>>()?;
    Ok(AllowList { targets, networks })
}

/// The address is compared with what the provider says of itself, character by character.
fn provider(text: &str) -> Result<(String, Url), AgentConfigError> {
    let url = Url::parse(text).map_err(|_| {
        wrong(format!("provider: {text:?} is not an address, such as https://sso.example.com"))
    })?;
    let origin = url.origin().ascii_serialization();
    if text.trim_end_matches('/') != origin {
        return Err(wrong(format!("provider: write {text:?} as the provider's public_url: {origin}")));
    }
    let here = url.host_str().is_some_and(is_loopback);
    if url.scheme() != "https" && !(url.scheme() == "http" && here) {
        return Err(wrong(format!(
            "provider: {text:?} needs https; only a provider on this machine may use http"
        )));
    }
    Ok((origin, url))
}

fn proxy(text: &str) -> Result<Proxy, AgentConfigError> {
    let wrong = || wrong("proxy: write it as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT");
    let url = Url::parse(text).map_err(|_| wrong())?;
    if url.scheme() != "http" || !matches!(url.path(), "" | "/") {
        return Err(wrong());
    }
    let host = match url.host().ok_or_else(wrong)? {
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    let decoded = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8()
            .map(|text| text.into_owned())
            .map_err(|_| wrong())
    };
    let credentials = match (url.username(), url.password()) {
        ("", None) => None,
        (user, password) => {
            Some(Plain::new(format!("{}:{}", decoded(user)?, decoded(password.unwrap_or_default())?)))
        }
    };
    Ok(Proxy { host, port: url.port().unwrap_or(80), credentials })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<AgentConfig, String> {
        let ca = |path: &Path| Ok(format!("PEM of {}", path.display()));
        AgentConfig::parse(text, Path::new("/etc/x"), ca).map_err(|error| error.to_string())
    }

    #[test]
    fn a_whole_file_is_read() {
        let config = parse(
            "provider = \"https://sso.example.com\"\nservers = [\"dc1.corp.example.com:636\", \"10.0.0.7\"]\n\
             domain = \"corp.example.com\"\nnetworks = [\"127.0.0.0/8\", \"169.254.1.1\"]\nkey_file = \"/var/k\"\n\
             ca_file = \"ca.pem\"\nproxy = \"http://joe:p%40ss@proxy.example.com:3128\"\n",
        )
        .expect("a configuration");
        let targets: Vec<String> = config.allowed.targets.iter().map(ToString::to_string).collect();
        assert_eq!(targets, ["dc1.corp.example.com:636", "10.0.0.7:636", "domain corp.example.com"]);
        assert_eq!(config.allowed.networks.len(), 2);
        assert_eq!(config.key_file, Path::new("/var/k"));
        assert_eq!(config.ca_pem.as_deref(), Some("PEM of ca.pem"));
        let proxy = config.proxy.expect("a proxy");
        assert_eq!((proxy.host.as_str(), proxy.port), ("proxy.example.com", 3128));
        assert_eq!(proxy.credentials, Some(Plain::new("joe:p@ss")));
        let least = parse("provider = \"https://sso.example.com/\"\nservers = [\"dc1\"]\n").expect("enough");
        assert_eq!(least.provider, "https://sso.example.com");
        assert_eq!(least.key_file, Path::new("/etc/x/agent.key"));
    }

    #[test]
    fn what_can_not_work_is_refused() {
        let with = |more: &str| parse(&format!("provider = \"https://sso.example.com\"\n{more}"));
        let servers = "servers = [\"dc1:636\"]\n";
        assert!(with(servers).is_ok());
        for more in [
            String::new(),
            "servers = []\n".to_owned(),
            "servers = [\"dc1:389\"]\n".to_owned(),
            "servers = [\"ldaps://dc1\"]\n".to_owned(),
            "domain = \"10.0.0.1\"\n".to_owned(),
            format!("{servers}colour = \"green\"\n"),
            format!("{servers}networks = [\"x\"]\n"),
            format!("{servers}proxy = \"socks5://x\"\n"),
        ] {
            assert!(with(&more).is_err(), "{more}");
        }
        for provider in
            ["http://sso.example.com", "https://sso.example.com/x", "sso.example.com", "ftp://localhost"]
        {
            assert!(parse(&format!("provider = \"{provider}\"\n{servers}")).is_err(), "{provider}");
        }
        assert!(parse(&format!("provider = \"http://127.0.0.1:8080\"\n{servers}")).is_ok());
        let secret = with(&format!("{servers}proxy = [\"http://joe:hush@proxy\"]\n")).expect_err("no text");
        assert!(!secret.contains("hush"), "{secret}");
    }
}

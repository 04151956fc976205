//! Reach what a stream asks for: a place of the agent's own list, resolved here, at an address that may be dialled.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Duration, Instant, timeout};

use crate::dns::announced;
use crate::domain::agent::{AllowList, Open, OpenRefusal, Target};

/// How long one address may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long the servers that DNS announces are remembered.
const REMEMBERED: Duration = Duration::from_secs(60);

/// What the agent may reach, with the servers of its domains as last announced.
pub(crate) struct Reachable {
    allowed: AllowList,
    announced: Mutex<HashMap<String, (Instant, Vec<String>)>>,
}

impl Reachable {
    pub(crate) fn new(allowed: AllowList) -> Self {
        Self { allowed, announced: Mutex::default() }
    }

    /// Connects to what the path of a request names.
    pub(crate) async fn connect(&self, path: &str) -> Result<TcpStream, OpenRefusal> {
        let (host, port) = self.server(path).await?;
        let found = timeout(PATIENCE, lookup_host((host.as_str(), port))).await;
        let found: Vec<SocketAddr> =
            found.ok().and_then(Result::ok).map(Iterator::collect).unwrap_or_default();
        if found.is_empty() {
            return Err(OpenRefusal::Unresolved);
        }
        let (allowed, refused): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|address| self.allowed.check(&host, *address).is_ok());
        for address in &refused {
            tracing::warn!(host, %address, "not dialled: not an address of a directory server; see networks");
        }
        if allowed.is_empty() {
            return Err(OpenRefusal::AddressRefused);
        }
        for address in allowed {
            match timeout(PATIENCE, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // Without it each small message would wait for more.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Ok(Err(error)) => {
                    tracing::warn!(host, %address, %error, "a directory server can't be reached")
                }
                Err(_) => tracing::warn!(host, %address, "a directory server does not respond"),
            }
        }
        Err(OpenRefusal::Unreachable)
    }

    async fn server(&self, path: &str) -> Result<(String, u16), OpenRefusal> {
        let open = Open::parse(path).ok_or(OpenRefusal::Malformed)?;
        let target = self.allowed.targets.get(open.target).ok_or(OpenRefusal::NotListed)?;
        match (target, open.host) {
            (Target::Server { host, port }, None) => Ok((host.clone(), *port)),
            (Target::Domain(domain), Some(host)) if target.fits(&host, 636) => {
                let servers = self.servers(domain).await?;
                let is_one = servers.iter().any(|server| server.eq_ignore_ascii_case(&host));
                is_one.then_some((host, 636)).ok_or(OpenRefusal::NotListed)
            }
            (Target::Domain(_), Some(_)) => Err(OpenRefusal::NotListed),
            (Target::Server { .. }, Some(_)) | (Target::Domain(_), None) => Err(OpenRefusal::Malformed),
        }
    }

    async fn servers(&self, domain: &str) -> Result<Vec<String>, OpenRefusal> {
        let lock = || self.announced.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().get(domain).filter(|(at, _)| at.elapsed() < REMEMBERED).cloned();
        if let Some((_, servers)) = known {
            return Ok(servers);
        }
        match announced(domain).await {
            Ok(servers) => {
                lock().insert(domain.to_owned(), (Instant::now(), servers.clone()));
                Ok(servers)
            }
            Err(error) => {
                tracing::warn!(domain, error, "DNS does not say which servers the domain has");
                Err(OpenRefusal::Unresolved)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn listener() -> (TcpListener, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        (listener, port)
    }

    async fn connect(servers: &[String], networks: &[&str], path: &str) -> Result<(), OpenRefusal> {
        let targets = servers.iter().map(|text| Target::server(text).expect("a server")).collect();
        let networks = networks.iter().map(|text| text.parse().expect("a network")).collect();
        Reachable::new(AllowList { targets, networks }).connect(path).await.map(drop)
    }

    #[tokio::test]
    async fn only_places_of_the_list_are_reached() {
        let (_open, port) = listener().await;
        let servers = [format!("127.0.0.1:{port}")];
        assert_eq!(connect(&servers, &[], "/open/0").await, Ok(()));
        for (path, why) in [
            ("/open/1", OpenRefusal::NotListed),
            ("/open/0/127.0.0.1", OpenRefusal::Malformed),
            ("/", OpenRefusal::Malformed),
        ] {
            assert_eq!(connect(&servers, &[], path).await, Err(why), "{path}");
        }
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_this_machine_is_refused_unless_its_network_is_listed() {
        let (_open, port) = listener().await;
        let servers = [format!("localhost:{port}")];
        assert_eq!(connect(&servers, &[], "/open/0").await, Err(OpenRefusal::AddressRefused));
        assert_eq!(connect(&servers, &["127.0.0.0/8"], "/open/0").await, Ok(()));
    }

    #[tokio::test]
    async fn a_closed_port_is_unreachable() {
        let (closed, port) = listener().await;
        drop(closed);
        let servers = [format!("127.0.0.1:{port}")];
        assert_eq!(connect(&servers, &[], "/open/0").await, Err(OpenRefusal::Unreachable));
    }
}

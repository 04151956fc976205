//! How far a connection to a service gets, step by step, for a test: a request would only fail. The same addresses are
//! allowed as for requests.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::{Host, Url};

use super::http::Outbound;
use crate::domain::doctor::facts::{Handshake, Reach, TlsProblem};
use crate::domain::outbound::AddressRefusal;
use crate::tls;

/// For each step.
const PATIENCE: Duration = Duration::from_secs(5);
/// A name with more addresses is one of a large site, where the first answer.
const MOST_TRIED: usize = 3;

/// The name and port of a server, as a report shows them.
#[must_use]
pub fn server_of(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{}:{port}", url.host_str().unwrap_or_default())
}

/// Looks up the name, connects and performs a TLS handshake, and closes the connection. Sends nothing else.
pub async fn reach(outbound: &Outbound, url: &Url) -> Reach {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let addresses = addresses(url).await;
    let mut reach = Reach {
        server: server_of(url),
        tls_name: host.clone(),
        host,
        addresses: addresses.as_ref().map_err(Clone::clone).map(|all| texts(all)),
        agents: None,
        not_allowed: None,
        connected: None,
        start_tls: None,
        tls: None,
    };
    let found = addresses.unwrap_or_default();
    let (allowed, refused) = allowed(outbound, &found);
    if allowed.is_empty() {
        reach.not_allowed = refused;
        return reach;
    }
    match connected(&allowed).await {
        Ok(mut stream) => {
            reach.connected = Some(Ok(()));
            if url.scheme() == "https" {
                reach.tls = Some(shaken(outbound, &mut stream, &reach.tls_name).await);
            }
        }
        Err(why) => reach.connected = Some(Err(why)),
    }
    reach
}

async fn addresses(url: &Url) -> Result<Vec<SocketAddr>, String> {
    let port = url.port_or_known_default().unwrap_or_default();
    let name = match url.host() {
        Some(Host::Ipv4(ip)) => return Ok(vec![SocketAddr::new(IpAddr::V4(ip), port)]),
        Some(Host::Ipv6(ip)) => return Ok(vec![SocketAddr::new(IpAddr::V6(ip), port)]),
        Some(Host::Domain(name)) => name,
        None => return Err("the address names no server".to_owned()),
    };
    match timeout(PATIENCE, lookup_host((name, port))).await {
        Ok(Ok(found)) => Ok(found.collect()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the name servers do not answer in time".to_owned()),
    }
}

fn texts(addresses: &[SocketAddr]) -> Vec<String> {
    let mut texts: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    texts.dedup();
    texts
}

fn allowed(outbound: &Outbound, found: &[SocketAddr]) -> (Vec<SocketAddr>, Option<AddressRefusal>) {
    let (mut allowed, mut refused) = (Vec::new(), None);
    for address in found {
        match outbound.rule.check(address.ip()) {
            Ok(()) => allowed.push(*address),
            Err(why) => refused = Some(why),
        }
    }
    (allowed, refused)
}

async fn connected(addresses: &[SocketAddr]) -> Result<TcpStream, String> {
    let mut failed = String::new();
    for address in addresses.iter().take(MOST_TRIED) {
        match timeout(PATIENCE, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => failed = error.to_string(),
            Err(_) => "no answer in time".clone_into(&mut failed),
        }
    }
    Err(failed)
}

async fn shaken(outbound: &Outbound, stream: &mut TcpStream, name: &str) -> Handshake {
    let failed = |problem| Handshake { problem: Some(problem), ..Handshake::default() };
    match tls::roots(outbound.ca_pem.as_deref()) {
        Err(why) => failed(TlsProblem::Other(why.to_string())),
        Ok(roots) => {
            let shaken = timeout(PATIENCE, tls::handshake(stream, name, roots, tls::suites())).await;
            shaken.unwrap_or_else(|_| failed(TlsProblem::Timeout))
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::domain::outbound::ServiceRule;

    fn outbound(networks: &[&str]) -> Outbound {
        let key = rcgen::KeyPair::generate().expect("a key");
        let ca = rcgen::CertificateParams::new(["ca".to_owned()]).expect("names").self_signed(&key);
        Outbound {
            rule: ServiceRule {
                networks: networks.iter().map(|network| network.parse().expect("a network")).collect(),
            },
            ca_pem: Some(ca.expect("a certificate").pem()),
            proxy: None,
            timeout: Duration::from_secs(20),
            most_bytes: 1_000,
        }
    }

    async fn of(networks: &[&str], url: &str) -> Reach {
        reach(&outbound(networks), &Url::parse(url).expect("a URL")).await
    }

    #[tokio::test]
    async fn each_step_is_reported_and_an_address_that_is_not_allowed_is_not_connected_to() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let url = format!("https://127.0.0.1:{port}/scim");
        let refused = of(&[], &url).await;
        assert_eq!(refused.server, format!("127.0.0.1:{port}"));
        assert!(matches!(refused.not_allowed, Some(AddressRefusal::Loopback(_))), "{refused:?}");
        assert_eq!((refused.connected, refused.tls), (None, None));
        let nobody = timeout(Duration::ZERO, listener.accept()).await;
        assert!(nobody.is_err(), "nothing has connected");

        let answers = async {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let _ = stream.read(&mut [0; 1_000]).await;
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.expect("sent");
        };
        let here = ["127.0.0.0/8"];
        let (plain, ()) = tokio::join!(of(&here, &url), answers);
        assert_eq!(plain.connected, Some(Ok(())));
        let problem = plain.tls.and_then(|shake| shake.problem);
        assert!(matches!(problem, Some(TlsProblem::NotTls(_))), "{problem:?}");

        drop(listener);
        let closed = of(&here, &url).await;
        assert!(matches!(closed.connected, Some(Err(_))) && closed.tls.is_none(), "{closed:?}");
    }
}

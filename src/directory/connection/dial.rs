//! Connect to a server: from its settings to an encrypted stream with an LDAP handle. The address to connect
//! to and the name to verify are separate. We open the socket ourselves because the LDAP library never sets
//! TCP_NODELAY.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, StdStream};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, UnixStream, lookup_host};
use tokio::sync::OnceCell;
use tokio::task::AbortHandle;
use tokio::time::{Duration, Instant, timeout_at};
use tokio_rustls::TlsConnector;

use super::pump::{self, CloseReason};
use super::start_tls;
use crate::agent::{ByteStream, DialFault, Tunnels};
use crate::directory::error::{DirectoryConfigError, LdapFault};
use crate::domain::entry::DirectoryId;
use crate::domain::outbound::AddressRule;
use crate::domain::settings::{Encryption, Server, Via};

/// After this silence the kernel sends keepalive probes.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// How to reach one server.
pub(crate) struct Dialer {
    host: String,
    port: u16,
    encryption: Encryption,
    tls: Option<Arc<ClientConfig>>,
    tls_name: String,
    guard: Option<AddressGuard>,
    by_agent: Option<ByAgent>,
}

/// The way through the agents of a directory. They resolve the name, and dial what is on their own lists.
struct ByAgent {
    directory: DirectoryId,
    tunnels: Tunnels,
}

/// Limits a dialer to allowed addresses. The name is resolved once: an answer that changes between the check
/// and the connection changes nothing.
struct AddressGuard {
    rule: Arc<AddressRule>,
    resolved: OnceCell<Vec<SocketAddr>>,
}

/// A connection driven by the LDAP library. Dropping it ends its tasks.
pub(crate) struct Dialled {
    pub(crate) ldap: Ldap,
    pub(crate) ended: CloseReason,
    pub(crate) drivers: [Driver; 2],
}

/// A task that is aborted when this is dropped.
pub(crate) struct Driver(pub(crate) AbortHandle);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Dialer {
    /// Checks the settings without using the network.
    pub(crate) fn new(
        server: &Server,
        encryption: Encryption,
        tls: Option<Arc<ClientConfig>>,
    ) -> Result<Self, DirectoryConfigError> {
        let host = server.host.trim().to_owned();
        if encryption == Encryption::UnencryptedLoopbackOnly && !is_loopback(&host) {
            return Err(DirectoryConfigError::NotLoopback(host));
        }
        let port = server.port.unwrap_or(if encryption == Encryption::Ldaps { 636 } else { 389 });
        let name = server.tls_name.as_deref().unwrap_or(&host).trim();
        let tls_name = if encryption == Encryption::UnencryptedLoopbackOnly { "localhost" } else { name };
        if server.via == Some(Via::Agent) && encryption != Encryption::Ldaps {
            return Err(DirectoryConfigError::AgentNeedsLdaps);
        }
        Ok(Self { tls_name: verifiable(tls_name)?, host, port, encryption, tls, guard: None, by_agent: None })
    }

    /// The same server, but through an agent.
    pub(crate) fn by_agent(self, directory: &DirectoryId, tunnels: &Tunnels) -> Self {
        let (directory, tunnels) = (directory.clone(), tunnels.clone());
        Self { by_agent: Some(ByAgent { directory, tunnels }), ..self }
    }

    /// The agents through which the server may be reached, by name; `None`: it is reached directly.
    pub(crate) fn agents(&self) -> Option<Vec<String>> {
        let way = self.by_agent.as_ref()?;
        Some(way.tunnels.of(&way.directory).iter().map(|tunnel| tunnel.who().name.clone()).collect())
    }

    /// The same server, but only at addresses that the rule allows.
    pub(crate) fn guarded(self, rule: Arc<AddressRule>) -> Self {
        Self { guard: Some(AddressGuard { rule, resolved: OnceCell::new() }), ..self }
    }

    /// `host:port`, for messages.
    pub(crate) fn name(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The name that the certificate must contain.
    pub(crate) fn tls_name(&self) -> &str {
        &self.tls_name
    }

    /// Connects, encrypts and starts the tasks of the connection.
    pub(crate) async fn dial(&self, until: Instant) -> Result<Dialled, LdapFault> {
        timeout_at(until, self.dial_patiently(until)).await.unwrap_or(Err(LdapFault::Timeout))
    }

    async fn dial_patiently(&self, until: Instant) -> Result<Dialled, LdapFault> {
        let failed = |error: std::io::Error| LdapFault::Connect(error.to_string());
        let mut stream = self.connect(until).await?;
        if self.encryption == Encryption::StartTls {
            start_tls::request(&mut stream).await?;
        }
        let (ours, theirs) = UnixStream::pair().map_err(failed)?;
        let ended = CloseReason::default();
        let pump = match &self.tls {
            Some(tls) => {
                let stream = self.encrypt(stream, tls.clone()).await?;
                tokio::spawn(pump::run(stream, theirs, ended.clone()))
            }
            None => tokio::spawn(pump::run(stream, theirs, ended.clone())),
        };
        let pump = Driver(pump.abort_handle());
        let stream = StdStream::Unix(ours.into_std().map_err(failed)?);
        let settings = LdapConnSettings::new().set_std_stream(stream);
        let (connection, ldap) = LdapConnAsync::with_settings(settings, "ldapi:///")
            .await
            .map_err(|error| LdapFault::Connect(error.to_string()))?;
        // The library's task panics on messages that it can't parse. That ends this connection and nothing
        // else.
        let driver = tokio::spawn(async move { connection.drive().await });
        Ok(Dialled { ldap, ended, drivers: [Driver(driver.abort_handle()), pump] })
    }

    async fn encrypt(
        &self,
        stream: Box<dyn ByteStream>,
        tls: Arc<ClientConfig>,
    ) -> Result<tokio_rustls::client::TlsStream<Box<dyn ByteStream>>, LdapFault> {
        let failed = |error: &dyn std::fmt::Display| LdapFault::Tls(error.to_string());
        let name = ServerName::try_from(self.tls_name.clone()).map_err(|error| failed(&error))?;
        TlsConnector::from(tls).connect(name, stream).await.map_err(|error| failed(&error))
    }

    /// The host's current addresses, allowed or not.
    pub(crate) async fn addresses(&self) -> Result<Vec<SocketAddr>, LdapFault> {
        match &self.guard {
            Some(guard) => guard.resolved.get_or_try_init(|| self.resolve()).await.cloned(),
            None => self.resolve().await,
        }
    }

    /// The addresses to connect to.
    async fn allowed(&self) -> Result<Vec<SocketAddr>, LdapFault> {
        let mut addresses = self.addresses().await?;
        let Some(guard) = &self.guard else { return Ok(addresses) };
        let refused = addresses.iter().find_map(|address| guard.rule.check(*address).err());
        addresses.retain(|address| guard.rule.check(*address).is_ok());
        match refused.filter(|_| addresses.is_empty()) {
            Some(refusal) => Err(LdapFault::NotAllowed(refusal)),
            None => Ok(addresses),
        }
    }

    async fn resolve(&self) -> Result<Vec<SocketAddr>, LdapFault> {
        let found = lookup_host((self.host.as_str(), self.port)).await;
        Ok(found.map_err(|error| LdapFault::Connect(error.to_string()))?.collect())
    }

    /// Connects: directly, or through an agent.
    pub(crate) async fn connect(&self, until: Instant) -> Result<Box<dyn ByteStream>, LdapFault> {
        let Some(way) = &self.by_agent else { return Ok(Box::new(self.connect_directly(until).await?)) };
        match way.tunnels.dial(&way.directory, (&self.host, self.port), until).await {
            Ok((_, stream)) => Ok(Box::new(stream)),
            Err(DialFault::Timeout) => Err(LdapFault::Timeout),
            Err(fault) => Err(LdapFault::Connect(fault.to_string())),
        }
    }

    /// Tries each address of the name; each leaves time for the others.
    async fn connect_directly(&self, until: Instant) -> Result<TcpStream, LdapFault> {
        let failed = |error: std::io::Error| LdapFault::Connect(error.to_string());
        let addresses = self.allowed().await?;
        let mut fault = LdapFault::Connect("the name has no address".to_owned());
        for (at, address) in addresses.iter().enumerate() {
            let left = u32::try_from(addresses.len() - at).unwrap_or(u32::MAX);
            let share = until.saturating_duration_since(Instant::now()) / left;
            match timeout_at(Instant::now() + share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return prepared(stream).map_err(failed),
                Ok(Err(error)) => fault = failed(error),
                Err(_) => fault = LdapFault::Timeout,
            }
        }
        Err(fault)
    }
}

fn prepared(stream: TcpStream) -> std::io::Result<TcpStream> {
    stream.set_nodelay(true)?;
    SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE))?;
    Ok(stream)
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A name that a certificate can contain. IPv6 addresses are rejected: administrators do not put them into
/// certificates.
fn verifiable(name: &str) -> Result<String, DirectoryConfigError> {
    let refused = || DirectoryConfigError::ServerName(name.to_owned());
    match ServerName::try_from(name).map_err(|_| refused())? {
        ServerName::IpAddress(rustls::pki_types::IpAddr::V6(_)) => Err(refused()),
        _ => Ok(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outbound::AddressRefusal;

    fn dialer(
        host: &str,
        tls_name: Option<&str>,
        encryption: Encryption,
    ) -> Result<Dialer, DirectoryConfigError> {
        let server =
            Server { host: host.to_owned(), port: None, tls_name: tls_name.map(str::to_owned), via: None };
        Dialer::new(&server, encryption, None)
    }

    #[test]
    fn clear_text_stays_on_this_machine() {
        for host in ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST"] {
            assert!(dialer(host, None, Encryption::UnencryptedLoopbackOnly).is_ok(), "{host}");
        }
        for host in [
            "10.0.0.1",
            "dc1.corp.example.com",
            "localhost.example.com",
            "0.0.0.0",
            "127.0.0.1.example.com",
            "",
        ] {
            let refused = dialer(host, None, Encryption::UnencryptedLoopbackOnly);
            assert!(matches!(refused, Err(DirectoryConfigError::NotLoopback(_))), "{host}");
        }
    }

    #[test]
    fn the_name_to_verify_must_be_one() {
        for (host, name) in
            [("10.0.0.1", Some("dc1.corp.example.com")), ("DC1.corp.example.com", None), ("10.0.0.1", None)]
        {
            assert!(dialer(host, name, Encryption::Ldaps).is_ok(), "{host} {name:?}");
        }
        for (host, name) in
            [("::1", None), ("x", Some("a/b")), ("x", Some("a@b")), ("x", Some("")), ("", None)]
        {
            assert!(
                matches!(dialer(host, name, Encryption::StartTls), Err(DirectoryConfigError::ServerName(_))),
                "{host} {name:?}"
            );
        }
    }

    /// How a guarded dialer fails at a port that is open.
    async fn guarded_connect(host: &str, rule: impl FnOnce(u16) -> AddressRule) -> Result<(), LdapFault> {
        let open = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = open.local_addr().expect("an address").port();
        let server =
            Server { host: host.to_owned(), port: Some(port), tls_name: Some("x".to_owned()), via: None };
        let dialer = Dialer::new(&server, Encryption::Ldaps, None).expect("a server");
        let dialer = dialer.guarded(Arc::new(rule(port)));
        dialer.connect(Instant::now() + Duration::from_secs(10)).await.map(drop)
    }

    #[tokio::test]
    async fn a_guarded_dialer_reaches_only_what_the_rule_allows() {
        let here = |port| AddressRule { ports: vec![port], loopback: true, ..AddressRule::default() };
        assert_eq!(guarded_connect("127.0.0.1", here).await, Ok(()));
        assert_eq!(guarded_connect("localhost", here).await, Ok(()));
        let elsewhere = |port| AddressRule { ports: vec![port], ..AddressRule::default() };
        for host in ["127.0.0.1", "localhost", "::ffff:127.0.0.1", "::1", "0.0.0.0", "127.1", "0x7f.1"] {
            let refused = guarded_connect(host, elsewhere).await;
            assert!(matches!(refused, Err(LdapFault::NotAllowed(_))), "{host}: {refused:?}");
        }
        let other_port = |_| AddressRule { ports: vec![636], loopback: true, ..AddressRule::default() };
        let refused = guarded_connect("127.0.0.1", other_port).await;
        assert!(matches!(refused, Err(LdapFault::NotAllowed(AddressRefusal::Port(_)))), "{refused:?}");
    }

    #[tokio::test]
    async fn a_guarded_dialer_resolves_once() {
        let server = Server { host: "localhost".to_owned(), port: Some(636), tls_name: None, via: None };
        let rule = AddressRule { ports: vec![636], ..AddressRule::default() };
        let dialer = Dialer::new(&server, Encryption::Ldaps, None).expect("a server").guarded(Arc::new(rule));
        let harmless: SocketAddr = "203.0.113.7:636".parse().expect("an address");
        let guard = dialer.guard.as_ref().expect("a guard");
        guard.resolved.set(vec![harmless]).expect("not resolved yet");
        assert_eq!(dialer.addresses().await, Ok(vec![harmless]), "a later answer of DNS is not asked for");
    }
}

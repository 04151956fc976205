//! What an agent may reach: a list in its own configuration. A stream names a place in this list, never an address, so a
//! provider that was taken over reaches nothing else of the network.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

use crate::domain::outbound::{AddressRefusal, AddressRule};

/// How many places a list has at most.
pub const MOST_TARGETS: usize = 64;
/// The port of LDAPS, which is all that is carried.
const LDAPS: u16 = 636;
/// RFC 1035 section 2.3.4.
const LONGEST_NAME: usize = 253;

/// Addresses at which clouds serve the credentials of their machines, and which are not link-local: Amazon by IPv6,
/// Alibaba, Azure, Oracle.
const METADATA: [IpAddr; 4] = [
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
];

/// One place of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One server, by name or address.
    Server { host: String, port: u16 },
    /// The servers that DNS announces for a domain (`_ldap._tcp`, RFC 2782), at the port of LDAPS.
    Domain(String),
}

/// Why a text is no place of a list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    #[error("{0:?} is not a server; write a host name or an address and a port, such as dc1.example.com:636")]
    Server(String),
    #[error("{0:?} is not a domain, such as corp.example.com")]
    Domain(String),
    #[error(
        "port {0} is the one of LDAP without TLS, which an agent does not carry; use LDAPS, usually port 636"
    )]
    Plain(u16),
}

/// Why a server may not be dialled at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressRefused {
    Rule(AddressRefusal),
    /// A cloud machine's metadata.
    Metadata(IpAddr),
}

impl fmt::Display for AddressRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(why) => why.fmt(f),
            Self::Metadata(ip) => write!(f, "{ip} serves the metadata of cloud machines"),
        }
    }
}

impl Target {
    /// Reads `HOST:PORT` or `[IPV6]:PORT`; the port may be left out.
    pub fn server(text: &str) -> Result<Self, TargetError> {
        let wrong = || TargetError::Server(shortened(text));
        let text = text.trim();
        let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, "")) => (host, None),
            Some((host, rest)) => (host, Some(rest.strip_prefix(':').ok_or_else(wrong)?)),
            None if text.matches(':').count() > 1 => (text, None),
            None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
        };
        let port = port.map_or(Ok(LDAPS), |port| port.parse().map_err(|_| wrong()))?;
        if matches!(port, 389 | 3268) {
            return Err(TargetError::Plain(port));
        }
        if port == 0 || !is_host(host) {
            return Err(wrong());
        }
        Ok(Self::Server { host: host.to_ascii_lowercase(), port })
    }

    /// Reads the name of a domain.
    pub fn domain(text: &str) -> Result<Self, TargetError> {
        let name = text.trim().trim_end_matches('.');
        if !is_host(name) || name.parse::<IpAddr>().is_ok() {
            return Err(TargetError::Domain(shortened(text)));
        }
        Ok(Self::Domain(name.to_ascii_lowercase()))
    }

    /// Reads a place as it is announced: `Display`'s text.
    pub fn announced(text: &str) -> Result<Self, TargetError> {
        text.strip_prefix("domain ").map_or_else(|| Self::server(text), Self::domain)
    }

    /// Whether a server may be reached by this place; of a domain, only whether its name lies in it. Which servers a
    /// domain has, the agent asks its own DNS.
    #[must_use]
    pub fn fits(&self, host: &str, port: u16) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        match self {
            Self::Server { host: own, port: listed } => *own == host && *listed == port,
            Self::Domain(domain) => port == LDAPS && is_below(&host, domain),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Server { host, port } => write!(f, "{host}:{port}"),
            Self::Domain(domain) => write!(f, "domain {domain}"),
        }
    }
}

/// The place by which this server may be reached: the server's own, or its domain's.
#[must_use]
pub fn index_of(targets: &[Target], host: &str, port: u16) -> Option<usize> {
    let is_server = |target: &&Target| matches!(target, Target::Server { .. });
    let own = targets.iter().position(|target| is_server(&target) && target.fits(host, port));
    own.or_else(|| targets.iter().position(|target| target.fits(host, port)))
}

/// The list, with the special networks that it allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    pub targets: Vec<Target>,
    /// Loopback, link-local and metadata addresses that names of the list may resolve to.
    pub networks: Vec<IpNet>,
}

impl AllowList {
    /// Whether a server may be dialled at this address, which its name was resolved to. An address that the list names
    /// itself is allowed, whatever it is.
    pub fn check(&self, host: &str, address: SocketAddr) -> Result<(), AddressRefused> {
        let ip = address.ip().to_canonical();
        let mut networks = self.networks.clone();
        networks.extend(host.parse::<IpAddr>().ok().map(|host| IpNet::from(host.to_canonical())));
        if METADATA.contains(&ip) && !networks.iter().any(|network| network.contains(&ip)) {
            return Err(AddressRefused::Metadata(ip));
        }
        let rule = AddressRule { ports: vec![address.port()], networks, loopback: false };
        rule.check(address).map_err(AddressRefused::Rule)
    }
}

fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// A host name in ASCII, or an address.
fn is_host(host: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(allowed);
    host.parse::<IpAddr>().is_ok() || (host.len() <= LONGEST_NAME && host.split('.').all(label))
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_server_has_a_name_and_a_port() {
        let table = [
            ("dc1.corp.example.com:636", Some(("dc1.corp.example.com", 636))),
            ("DC1.corp.example.com", Some(("dc1.corp.example.com", 636))),
            (" 10.0.0.1:3269 ", Some(("10.0.0.1", 3269))),
            ("[fd00::1]:636", Some(("fd00::1", 636))),
            ("fd00::1", Some(("fd00::1", 636))),
            ("", None),
            (":636", None),
            ("dc1:0", None),
            ("dc1:99999", None),
            ("dc1:ldap", None),
            ("ldaps://dc1", None),
            ("dc1/x:636", None),
            ("a b:636", None),
            ("*.example.com:636", None),
            ("dc1..x:636", None),
        ];
        for (text, expected) in table {
            let server = expected.map(|(host, port)| Target::Server { host: host.to_owned(), port });
            assert_eq!(Target::server(text).ok(), server, "{text:?}");
        }
        for port in [389, 3268] {
            assert_eq!(Target::server(&format!("dc1:{port}")), Err(TargetError::Plain(port)));
        }
    }

    #[test]
    fn a_server_is_found_by_its_own_place_before_its_domain() {
        let targets = ["domain corp.example.com", "dc1.corp.example.com:636", "dc9.other.example:6360"]
            .map(|text| Target::announced(text).expect("a target"));
        let table = [
            ("dc1.corp.example.com", 636, Some(1)),
            ("DC1.corp.example.com.", 636, Some(1)),
            ("dc2.corp.example.com", 636, Some(0)),
            ("corp.example.com", 636, Some(0)),
            ("dc2.corp.example.com", 6360, None),
            ("evilcorp.example.com", 636, None),
            ("dc1.corp.example.com.evil.example", 636, None),
            ("dc9.other.example", 6360, Some(2)),
            ("dc9.other.example", 636, None),
        ];
        for (host, port, expected) in table {
            assert_eq!(index_of(&targets, host, port), expected, "{host}:{port}");
        }
    }

    #[test]
    fn special_addresses_are_refused_unless_listed() {
        let list = |networks: &[&str]| AllowList {
            targets: Vec::new(),
            networks: networks.iter().map(|net| net.parse().expect("a network")).collect(),
        };
        let at = |ip: &str| SocketAddr::new(ip.parse().expect("an address"), 636);
        let allowed = ["10.0.0.1", "192.168.1.1", "203.0.113.7", "fd00::1"];
        for ip in allowed {
            assert_eq!(list(&[]).check("dc1.example.com", at(ip)), Ok(()), "{ip}");
        }
        let special = [
            ("127.0.0.1", "127.0.0.0/8"),
            ("::1", "::1/128"),
            ("::ffff:127.0.0.1", "127.0.0.0/8"),
            ("169.254.169.254", "169.254.0.0/16"),
            ("fe80::1", "fe80::/10"),
            ("fd00:ec2::254", "fd00:ec2::254/128"),
            ("100.100.100.200", "100.100.100.200/32"),
            ("::ffff:168.63.129.16", "168.63.129.16/32"),
        ];
        for (ip, network) in special {
            assert!(list(&[]).check("dc1.example.com", at(ip)).is_err(), "{ip}");
            assert_eq!(list(&[network]).check("dc1.example.com", at(ip)), Ok(()), "{ip} is in {network}");
            assert_eq!(list(&[]).check(ip, at(ip)), Ok(()), "{ip} is on the list itself");
        }
        for never in ["0.0.0.0", "::", "224.0.0.1", "255.255.255.255"] {
            assert!(list(&["0.0.0.0/0", "::/0"]).check(never, at(never)).is_err(), "{never}");
        }
    }

    proptest! {
        #[test]
        fn every_place_is_read_as_it_is_announced(host in "[a-z][a-z0-9-]{0,20}(\\.[a-z]{1,9}){0,3}", port: u16) {
            for target in [Target::server(&format!("{host}:{port}")), Target::domain(&host)].into_iter().flatten() {
                prop_assert_eq!(Target::announced(&target.to_string()), Ok(target));
            }
        }

        #[test]
        fn no_text_makes_the_readers_panic(text: String) {
            let _ = Target::announced(&text);
            let _ = Target::domain(&text);
        }

        #[test]
        fn a_domain_fits_only_names_in_it(host in "[a-z.]{1,30}", port: u16) {
            let domain = Target::Domain("corp.example".to_owned());
            let within = host.trim_end_matches('.');
            let expected = port == 636 && (within == "corp.example" || within.ends_with(".corp.example"));
            prop_assert_eq!(domain.fits(&host, port), expected);
        }
    }
}

//! Which addresses an administrator may have this server connect to. A page that tests a connection must not
//! become a way to other services of this machine or of its network, nor must the address of a service.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

/// What an administrator may connect to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressRule {
    pub ports: Vec<u16>,
    /// Loopback and link-local networks that are allowed.
    pub networks: Vec<IpNet>,
    /// Whether this machine may be reached.
    pub loopback: bool,
}

/// Why a connection is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressRefusal {
    Port(u16),
    /// This machine itself.
    Loopback(IpAddr),
    /// In a private network.
    Private(IpAddr),
    /// Only on one link: routers, and the metadata of cloud machines.
    LinkLocal(IpAddr),
    /// No address of a single machine.
    Special(IpAddr),
}

impl fmt::Display for AddressRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(port) => write!(f, "port {port} is not in outbound_ports of [admin]"),
            Self::Loopback(address) => write!(f, "{address} is this machine itself"),
            Self::Private(address) => {
                write!(f, "{address} is in a private network that private_addresses does not name")
            }
            Self::LinkLocal(address) => write!(f, "{address} is a link-local address"),
            Self::Special(address) => write!(f, "{address} is not the address of a server"),
        }
    }
}

impl AddressRule {
    /// Whether a connection to this address is allowed.
    pub fn check(&self, address: SocketAddr) -> Result<(), AddressRefusal> {
        if !self.ports.contains(&address.port()) {
            return Err(AddressRefusal::Port(address.port()));
        }
        let ip = reached(address.ip());
        match kind(ip) {
            AddressKind::Ordinary => Ok(()),
            AddressKind::Loopback if self.loopback || self.names(ip) => Ok(()),
            AddressKind::Loopback => Err(AddressRefusal::Loopback(ip)),
            AddressKind::LinkLocal if self.names(ip) => Ok(()),
            AddressKind::LinkLocal => Err(AddressRefusal::LinkLocal(ip)),
            AddressKind::Special => Err(AddressRefusal::Special(ip)),
        }
    }

    fn names(&self, ip: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&ip))
    }
}

/// Which addresses services may have: public ones, and those of networks that the settings name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceRule {
    pub networks: Vec<IpNet>,
}

impl ServiceRule {
    /// Whether requests may be sent to this address.
    pub fn check(&self, address: IpAddr) -> Result<(), AddressRefusal> {
        let ip = reached(address);
        let named = self.networks.iter().any(|network| network.contains(&ip));
        match kind(ip) {
            AddressKind::Special => Err(AddressRefusal::Special(ip)),
            _ if named => Ok(()),
            AddressKind::Loopback => Err(AddressRefusal::Loopback(ip)),
            AddressKind::LinkLocal => Err(AddressRefusal::LinkLocal(ip)),
            AddressKind::Ordinary if is_private(ip) => Err(AddressRefusal::Private(ip)),
            AddressKind::Ordinary => Ok(()),
        }
    }
}

/// Private networks (RFC 1918, RFC 6598, RFC 4193, RFC 3879) and those of test beds (RFC 2544).
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => match ip.octets() {
            [100, second, ..] => (64..128).contains(&second),
            [192, 0, 0, _] | [198, 18 | 19, ..] => true,
            _ => ip.is_private(),
        },
        IpAddr::V6(ip) => ip.is_unique_local() || ip.segments()[0] & 0xffc0 == 0xfec0,
    }
}

#[derive(Clone, Copy)]
enum AddressKind {
    Ordinary,
    Loopback,
    LinkLocal,
    Special,
}

fn kind(ip: IpAddr) -> AddressKind {
    match ip {
        IpAddr::V4(ip) => kind_of_v4(ip),
        IpAddr::V6(ip) if ip.is_loopback() => AddressKind::Loopback,
        IpAddr::V6(ip) if ip.segments()[0] & 0xffc0 == 0xfe80 => AddressKind::LinkLocal,
        IpAddr::V6(ip) if ip.is_unspecified() || ip.is_multicast() => AddressKind::Special,
        IpAddr::V6(_) => AddressKind::Ordinary,
    }
}

/// `0.0.0.0/8` reaches this machine on Linux; `240.0.0.0/4` contains the broadcast address.
fn kind_of_v4(ip: Ipv4Addr) -> AddressKind {
    match ip.octets()[0] {
        127 => AddressKind::Loopback,
        0 | 240.. => AddressKind::Special,
        _ if ip.is_multicast() => AddressKind::Special,
        _ if ip.is_link_local() => AddressKind::LinkLocal,
        _ => AddressKind::Ordinary,
    }
}

/// The IPv4 address that is reached if the IPv6 address contains one.
fn reached(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => contained(v6).map_or(ip, IpAddr::V4),
        IpAddr::V4(_) => ip,
    }
}

fn contained(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match ip.segments() {
        // `::` and `::1` are no IPv4-compatible addresses (RFC 4291 section 2.5.5.1).
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        // IPv4-compatible and -mapped (RFC 4291), -translated (RFC 2765), NAT64 (RFC 6052).
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(join(high, low)),
        // 6to4 (RFC 3056).
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> AddressRule {
        AddressRule { ports: vec![389, 636, 3268, 3269], ..AddressRule::default() }
    }

    fn at(ip: &str, port: u16) -> SocketAddr {
        SocketAddr::new(ip.parse().expect("an address"), port)
    }

    #[test]
    fn services_are_public_or_named() {
        let private: [(&str, NewRefusal); 13] = [
            ("10.0.0.1", AddressRefusal::Private),
            ("172.31.255.255", AddressRefusal::Private),
            ("192.168.1.1", AddressRefusal::Private),
            ("100.64.0.1", AddressRefusal::Private),
            ("192.0.0.8", AddressRefusal::Private),
            ("198.19.0.1", AddressRefusal::Private),
            ("fd00::1", AddressRefusal::Private),
            ("fec0::1", AddressRefusal::Private),
            ("::ffff:10.0.0.1", AddressRefusal::Private),
            ("64:ff9b::192.168.1.1", AddressRefusal::Private),
            ("127.0.0.1", AddressRefusal::Loopback),
            ("::1", AddressRefusal::Loopback),
            ("169.254.169.254", AddressRefusal::LinkLocal),
        ];
        let named =
            ServiceRule { networks: vec!["::/0".parse().expect("all"), "0.0.0.0/0".parse().expect("all")] };
        for (ip, refusal) in private {
            let ip: IpAddr = ip.parse().expect("an address");
            let refused = ServiceRule::default().check(ip);
            assert!(
                refused.is_err_and(|why| std::mem::discriminant(&why) == of(refusal)),
                "{ip} {refused:?}"
            );
            assert_eq!(named.check(ip), Ok(()), "{ip}");
        }
        for ip in ["8.8.8.8", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::8.8.8.8"] {
            assert_eq!(ServiceRule::default().check(ip.parse().expect("an address")), Ok(()), "{ip}");
        }
        for ip in ["0.0.0.0", "255.255.255.255", "224.0.0.1", "::", "ff02::1", "::ffff:0.0.0.0"] {
            let refused = named.check(ip.parse().expect("an address"));
            assert!(matches!(refused, Err(AddressRefusal::Special(_))), "{ip} {refused:?}");
        }
    }

    #[test]
    fn directory_servers_are_allowed() {
        for ip in [
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "198.51.100.7",
            "223.255.255.255",
            "2001:db8::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::10.0.0.1",
        ] {
            assert_eq!(rule().check(at(ip, 636)), Ok(()), "{ip}");
        }
    }

    #[test]
    fn no_spelling_of_a_special_address_is_allowed() {
        let table: [(&[&str], NewRefusal); 3] = [
            (
                &[
                    "127.0.0.1",
                    "127.255.255.255",
                    "::1",
                    "::ffff:127.0.0.1",
                    "::127.0.0.1",
                    "::ffff:0:127.0.0.1",
                    "64:ff9b::127.0.0.1",
                    "2002:7f00:1::",
                ],
                AddressRefusal::Loopback,
            ),
            (
                &[
                    "169.254.169.254",
                    "169.254.0.1",
                    "fe80::1",
                    "febf::1",
                    "::ffff:169.254.169.254",
                    "::169.254.169.254",
                    "64:ff9b::a9fe:a9fe",
                    "2002:a9fe:a9fe::1",
                ],
                AddressRefusal::LinkLocal,
            ),
            (
                &[
                    "0.0.0.0",
                    "0.1.2.3",
                    "224.0.0.1",
                    "239.255.255.250",
                    "240.0.0.1",
                    "255.255.255.255",
                    "::",
                    "ff02::1",
                    "::ffff:0.0.0.0",
                    "::ffff:224.0.0.1",
                    "64:ff9b::",
                    "2002::1",
                ],
                AddressRefusal::Special,
            ),
        ];
        for (addresses, refusal) in table {
            for ip in addresses {
                let refused = rule().check(at(ip, 636));
                assert!(
                    refused.is_err_and(|why| std::mem::discriminant(&why) == of(refusal)),
                    "{ip} {refused:?}"
                );
            }
        }
    }

    type NewRefusal = fn(IpAddr) -> AddressRefusal;

    fn of(refusal: NewRefusal) -> std::mem::Discriminant<AddressRefusal> {
        std::mem::discriminant(&refusal(IpAddr::V4(Ipv4Addr::LOCALHOST)))
    }

    #[test]
    fn only_the_ports_of_the_settings_are_allowed() {
        for port in [0, 22, 25, 80, 443, 3306, 5432, 6379, 65_535] {
            assert_eq!(rule().check(at("10.0.0.1", port)), Err(AddressRefusal::Port(port)));
        }
        let wider = AddressRule { ports: vec![1636], ..rule() };
        assert_eq!(wider.check(at("10.0.0.1", 1636)), Ok(()));
        assert_eq!(AddressRule::default().check(at("10.0.0.1", 636)), Err(AddressRefusal::Port(636)));
    }

    #[test]
    fn settings_may_allow_this_machine_and_its_link_but_no_special_address() {
        let here = AddressRule { loopback: true, ..rule() };
        let named =
            |network: &str| AddressRule { networks: vec![network.parse().expect("a network")], ..rule() };
        for (rule, ip, is_allowed) in [
            (&here, "127.0.0.1", true),
            (&here, "::1", true),
            (&here, "::ffff:127.0.0.1", true),
            (&here, "169.254.1.1", false),
            (&here, "0.0.0.0", false),
            (&named("127.0.0.0/8"), "127.0.0.1", true),
            (&named("127.0.0.0/8"), "::1", false),
            (&named("169.254.1.0/24"), "169.254.1.1", true),
            (&named("169.254.1.0/24"), "169.254.169.254", false),
            (&named("0.0.0.0/0"), "0.0.0.0", false),
            (&named("::/0"), "ff02::1", false),
        ] {
            assert_eq!(rule.check(at(ip, 389)).is_ok(), is_allowed, "{ip}");
        }
    }
}

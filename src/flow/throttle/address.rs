//! By which address wrong tries are counted, and how many it may make.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

use crate::domain::settings::Throttle;

/// RFC 6177 section 2: whoever has IPv6 at all has a /64, with as many addresses in it as they like.
const HOUSEHOLD: u128 = !0 << 64;

/// The address as it is counted, and its limit. An address that can't be read is counted as it stands.
pub(super) fn of(address: &str, settings: &Throttle) -> (String, u32) {
    let Ok(parsed) = address.parse::<IpAddr>() else {
        return (address.to_owned(), settings.address_per_minute);
    };
    let parsed = parsed.to_canonical();
    let counted = match parsed {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & HOUSEHOLD).to_string(),
    };
    (counted, limit(parsed, settings))
}

/// That of the smallest listed network that holds the address.
fn limit(address: IpAddr, settings: &Throttle) -> u32 {
    let listed = settings.networks.iter().filter_map(|network| {
        let net = network.cidr.parse::<IpNet>().ok()?;
        net.contains(&address).then_some((net.prefix_len(), network.address_per_minute))
    });
    listed.max_by_key(|(length, _)| *length).map_or(settings.address_per_minute, |(_, limit)| limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::Network;

    fn settings() -> Throttle {
        let network = |cidr: &str, limit| Network { cidr: cidr.to_owned(), address_per_minute: limit };
        Throttle {
            address_per_minute: 10,
            networks: vec![
                network("10.0.0.0/8", 20),
                network("10.1.0.0/16", 0),
                network("2001:db8::/32", 30),
            ],
            ..Throttle::default()
        }
    }

    #[test]
    fn a_household_counts_once_and_the_smallest_network_decides() {
        let table = [
            ("192.0.2.1", "192.0.2.1", 10),
            ("10.2.0.1", "10.2.0.1", 20),
            ("10.1.0.1", "10.1.0.1", 0),
            ("::ffff:10.2.0.1", "10.2.0.1", 20),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", 30),
            ("2001:db8:1:2::1", "2001:db8:1:2::", 30),
            ("fd00::1", "fd00::", 10),
            ("nonsense", "nonsense", 10),
        ];
        for (address, counted, limit) in table {
            assert_eq!(of(address, &settings()), (counted.to_owned(), limit), "{address}");
        }
    }
}

//! Choose the networks by which an address is counted, and their limits.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

use crate::domain::settings::Throttle;

/// RFC 6177 section 2: every IPv6 site has at least a /64, with any number of addresses in it; a home may
/// have 256 of these, a company 65,536. So the wider networks are counted too, each with twice the limit of
/// the one before: a subscriber with thousands of /64 has four times the attempts of one address, and never
/// those of all unknown browsers together.
const STEPS: [u8; 3] = [64, 56, 48];

/// The networks by which an address is counted, the smallest first, with their limits. An address that can't
/// be parsed is counted as text.
pub(super) fn steps(address: &str, settings: &Throttle) -> Vec<(String, u32)> {
    let Ok(parsed) = address.parse::<IpAddr>() else {
        return vec![(address.to_owned(), settings.address_per_minute)];
    };
    let parsed = parsed.to_canonical();
    let limit = limit(parsed, settings);
    match parsed {
        IpAddr::V4(address) => vec![(address.to_string(), limit)],
        IpAddr::V6(address) => {
            let network = |(step, length): (usize, u8)| {
                let bits = address.to_bits() & (u128::MAX << (128 - length));
                (format!("{}/{length}", Ipv6Addr::from_bits(bits)), limit.saturating_mul(1 << step))
            };
            STEPS.into_iter().enumerate().map(network).collect()
        }
    }
}

/// The key of an address where wider networks do not matter.
pub(super) fn of(address: &str, settings: &Throttle) -> String {
    steps(address, settings).into_iter().next().map_or_else(String::new, |(address, _)| address)
}

/// The limit of the smallest configured network that contains the address.
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
    fn a_subscriber_counts_by_wider_networks_and_the_smallest_listed_one_decides() {
        let table: [(&str, &[(&str, u32)]); 6] = [
            ("192.0.2.1", &[("192.0.2.1", 10)]),
            ("10.2.0.1", &[("10.2.0.1", 20)]),
            ("10.1.0.1", &[("10.1.0.1", 0)]),
            ("::ffff:10.2.0.1", &[("10.2.0.1", 20)]),
            (
                "2001:db8:1:203:3:4:5:6",
                &[("2001:db8:1:203::/64", 30), ("2001:db8:1:200::/56", 60), ("2001:db8:1::/48", 120)],
            ),
            ("nonsense", &[("nonsense", 10)]),
        ];
        for (address, expected) in table {
            let expected: Vec<_> =
                expected.iter().map(|(counted, limit)| ((*counted).to_owned(), *limit)).collect();
            assert_eq!(steps(address, &settings()), expected, "{address}");
        }
        let unlimited = Throttle { address_per_minute: 0, ..Throttle::default() };
        assert!(steps("fd00::1", &unlimited).iter().all(|(_, limit)| *limit == 0));
    }

    #[test]
    fn no_subscriber_has_as_many_attempts_as_all_unknown_browsers_together() {
        let settings = Throttle::default();
        let most = steps("2001:db8::1", &settings).into_iter().map(|(_, limit)| limit).max();
        assert!(most.is_some_and(|most| most < settings.overall_per_minute), "{most:?}");
    }
}

//! `[throttle]`: limits on failed attempts per name, per address and in total.

use serde::{Deserialize, Serialize};

/// Failed attempts and authorization codes per minute; 0: no limit. These limits reduce load and guessing.
/// The lockout budget, which is independent of them, keeps accounts in the domain from being locked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Throttle {
    /// For one typed name.
    pub name_per_minute: u32,
    /// From one address (IPv6: from one /64).
    pub address_per_minute: u32,
    /// In total, from browsers that have not completed a sign-in before.
    pub overall_per_minute: u32,
    /// Authorization codes for one person, over all sessions.
    pub person_codes_per_minute: u32,
    /// Authorization codes from one address (IPv6: from one /64).
    pub address_codes_per_minute: u32,
    /// Networks whose addresses have a different limit: a whole hospital may share one address.
    pub networks: Vec<Network>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            name_per_minute: 100,
            address_per_minute: 600,
            overall_per_minute: 6_000,
            person_codes_per_minute: 60,
            address_codes_per_minute: 6_000,
            networks: Vec::new(),
        }
    }
}

/// A network with its own limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Such as `10.0.0.0/8` or `2001:db8::/32`.
    pub cidr: String,
    /// Failed attempts per minute from one of its addresses; 0: no limit.
    pub address_per_minute: u32,
}

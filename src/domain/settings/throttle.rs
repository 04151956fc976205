//! How many wrong tries are taken from one name, one address, and all together.

use serde::{Deserialize, Serialize};

/// `[throttle]`: wrong tries and authorization codes a minute; 0 sets no limit. They keep load and guessing down. That no account is locked in the
/// domain is the lockout budget's work, whatever stands here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Throttle {
    /// With one typed name.
    pub name_per_minute: u32,
    /// From one address (IPv6: from one /64).
    pub address_per_minute: u32,
    /// Altogether, from browsers that have not completed a sign-in before.
    pub overall_per_minute: u32,
    /// Authorization codes for one person, however many sessions they have.
    pub person_codes_per_minute: u32,
    /// Authorization codes from one address (IPv6: from one /64).
    pub address_codes_per_minute: u32,
    /// Networks whose addresses have another limit: a hospital is one address.
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

/// A network with a limit of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Such as `10.0.0.0/8` or `2001:db8::/32`.
    pub cidr: String,
    /// Wrong tries a minute from one of its addresses; 0: no limit.
    pub address_per_minute: u32,
}

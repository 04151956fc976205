//! `[admin]`: sessions of the admin panel, and what its pages may connect to.

use serde::{Deserialize, Serialize};

use crate::domain::{HOUR, MINUTE, Millis};

/// Lifetimes of sessions of the admin panel, and what its pages may connect to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdminSettings {
    /// A session ends if it is not used for this long.
    pub idle_minutes: u32,
    /// A session ends this long after it began, used or not.
    pub session_hours: u32,
    /// If true, policy and mass changes in the panel need a second owner.
    pub four_eyes: bool,
    /// The ports that a connection test may use.
    pub outbound_ports: Vec<u16>,
    /// Loopback and link-local networks that a connection test may reach, in CIDR notation.
    pub outbound_networks: Vec<String>,
}

impl Default for AdminSettings {
    fn default() -> Self {
        Self {
            idle_minutes: 30,
            session_hours: 8,
            four_eyes: false,
            // LDAP, LDAPS, and both of the global catalog, about which the doctor warns.
            outbound_ports: vec![389, 636, 3268, 3269],
            outbound_networks: Vec::new(),
        }
    }
}

impl AdminSettings {
    /// The idle lifetime.
    #[must_use]
    pub fn idle(&self) -> Millis {
        Millis::from(self.idle_minutes) * MINUTE
    }

    /// The absolute lifetime.
    #[must_use]
    pub fn absolute(&self) -> Millis {
        Millis::from(self.session_hours) * HOUR
    }
}

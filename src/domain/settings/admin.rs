//! `[admin]`: sessions of the admin panel.

use serde::{Deserialize, Serialize};

use crate::domain::{HOUR, MINUTE, Millis};

/// Lifetimes of sessions of the admin panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdminSettings {
    /// A session ends if it is not used for this long.
    pub idle_minutes: u32,
    /// A session ends this long after it began, used or not.
    pub session_hours: u32,
}

impl Default for AdminSettings {
    fn default() -> Self {
        Self { idle_minutes: 30, session_hours: 8 }
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

//! `[directories.sync]`: how often a directory is read, how many people one day may affect, and how long the
//! log is kept.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{DAY, Millis};

/// `[directories.sync]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Sync {
    pub frequency: Often,
    /// With [`Often::Daily`]: the time of day in `zone`, such as `02:30`.
    pub at: String,
    /// With [`Often::Daily`]: the time zone of `at`, by its name in the IANA time zone database.
    pub zone: String,
    /// If more people than this would be suspended within 24 hours, the change is held for an administrator.
    pub guard_people: u32,
    /// The same limit as a percentage of the people.
    pub guard_percent: u32,
    pub log_days: u32,
}

impl Default for Sync {
    fn default() -> Self {
        Self {
            frequency: Often::default(),
            at: "02:30".to_owned(),
            zone: "UTC".to_owned(),
            guard_people: 50,
            guard_percent: 10,
            log_days: 90,
        }
    }
}

impl Sync {
    /// How long runs and changes are kept.
    #[must_use]
    pub fn log_kept(&self) -> Millis {
        Millis::from(self.log_days) * DAY
    }
}

/// How often a directory is read. [`crate::domain::schedule`] computes the times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Often {
    /// As soon as something has changed.
    #[default]
    Realtime,
    /// An hour after the last run began.
    Hourly,
    Daily,
}

//! How often a directory is read, how much one day may take from people, and how long it is told.

use serde::{Deserialize, Serialize};

use crate::domain::{DAY, Millis};

/// `[directories.sync]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sync {
    /// How often.
    pub frequency: Often,
    /// With [`Often::Daily`]: at which time of the day in `zone`, such as `02:30`.
    pub at: String,
    /// With [`Often::Daily`]: the zone whose clocks `at` is read from, by its name in the IANA time zone database.
    pub zone: String,
    /// What would suspend more people than this within 24 hours is held for an administrator.
    pub guard_people: u32,
    /// What would suspend a larger part of the people than this within 24 hours is held, in percent.
    pub guard_percent: u32,
    /// For how long runs and changes are kept.
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
    /// For how long runs and changes are kept.
    #[must_use]
    pub fn log_kept(&self) -> Millis {
        Millis::from(self.log_days) * DAY
    }
}

/// How often a directory is read. [`crate::domain::schedule`] says when that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Often {
    /// As soon as something has changed.
    #[default]
    Realtime,
    /// An hour after the last run began.
    Hourly,
    /// Once a day.
    Daily,
}

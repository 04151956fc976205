//! How long codes and tokens live.

use serde::{Deserialize, Serialize};

use crate::domain::{DAY, MINUTE, Millis, SECOND};

/// Lifetimes of codes and tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenSettings {
    /// RFC 6749 section 4.1.2 allows ten minutes at most.
    pub code_seconds: u32,
    pub access_token_minutes: u32,
    pub id_token_minutes: u32,
    /// A refresh token ends if it is not used for this long.
    pub refresh_idle_days: u32,
    /// A refresh family ends this long after sign-in, used or not.
    pub refresh_absolute_days: u32,
}

impl Default for TokenSettings {
    fn default() -> Self {
        Self {
            code_seconds: 60,
            access_token_minutes: 10,
            id_token_minutes: 10,
            refresh_idle_days: 30,
            refresh_absolute_days: 90,
        }
    }
}

impl TokenSettings {
    /// Lifetime of a code.
    #[must_use]
    pub fn code(&self) -> Millis {
        Millis::from(self.code_seconds) * SECOND
    }

    /// Lifetime of an access token.
    #[must_use]
    pub fn access_token(&self) -> Millis {
        Millis::from(self.access_token_minutes) * MINUTE
    }

    /// Lifetime of an ID token.
    #[must_use]
    pub fn id_token(&self) -> Millis {
        Millis::from(self.id_token_minutes) * MINUTE
    }

    /// Idle lifetime of a refresh token.
    #[must_use]
    pub fn refresh_idle(&self) -> Millis {
        Millis::from(self.refresh_idle_days) * DAY
    }

    /// Absolute lifetime of a refresh family.
    #[must_use]
    pub fn refresh_absolute(&self) -> Millis {
        Millis::from(self.refresh_absolute_days) * DAY
    }
}

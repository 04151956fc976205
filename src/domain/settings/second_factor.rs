//! `[second_factor]`: who needs a second factor, and how one is set up.

use serde::{Deserialize, Serialize};

use crate::domain::{DAY, HOUR, Millis};

/// `[second_factor]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SecondFactor {
    /// A client may require it of more people (`require_second_factor`).
    pub required: Required,
    /// With [`Required::Groups`]: the groups, by DN; members of nested groups count at any depth.
    pub groups: Vec<String>,
    pub enrolment: Enrolment,
    /// How many days the set-up may be postponed, from the first time it was required.
    pub grace_days: u32,
    /// How many days a browser may be remembered; 0: never.
    pub remember_browser_days: u32,
    /// How long a help-desk code is valid.
    pub invitation_hours: u32,
    /// The parameters of new authenticators.
    pub totp: Totp,
}

impl Default for SecondFactor {
    fn default() -> Self {
        Self {
            required: Required::default(),
            groups: Vec::new(),
            enrolment: Enrolment::default(),
            grace_days: 0,
            remember_browser_days: 0,
            invitation_hours: 72,
            totp: Totp::default(),
        }
    }
}

impl SecondFactor {
    /// How long the set-up may be postponed.
    #[must_use]
    pub fn grace(&self) -> Millis {
        Millis::from(self.grace_days) * DAY
    }

    /// How long a browser is remembered; `None` if never.
    #[must_use]
    pub fn remembered(&self) -> Option<Millis> {
        (self.remember_browser_days > 0).then(|| Millis::from(self.remember_browser_days) * DAY)
    }

    /// How long a help-desk code is valid.
    #[must_use]
    pub fn invitation(&self) -> Millis {
        Millis::from(self.invitation_hours) * HOUR
    }
}

/// Who needs a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Required {
    /// Nobody, unless the client requires it.
    #[default]
    Nobody,
    /// People who have set one up; nobody has to.
    Optional,
    Everyone,
    /// The members of some groups, and people who have set one up.
    Groups,
}

/// Who may set up a first factor while signing in: a stolen password alone should not enrol the thief's
/// phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Enrolment {
    /// Everybody who has the password.
    #[default]
    Alone,
    /// Only with a code from the help desk.
    Invited,
}

/// The parameters of new authenticators (RFC 6238). Existing ones keep theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Totp {
    pub algorithm: TotpAlgorithm,
    /// 6 to 8.
    pub digits: u8,
    /// How many seconds a code is shown.
    pub period: u32,
}

impl Default for Totp {
    fn default() -> Self {
        Self { algorithm: TotpAlgorithm::Sha1, digits: 6, period: 30 }
    }
}

/// The hash of RFC 6238 section 1.2. Most authenticator apps support only SHA-1, which is safe in an HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub enum TotpAlgorithm {
    /// HMAC-SHA-1.
    #[default]
    #[serde(rename = "SHA1")]
    Sha1,
    /// HMAC-SHA-256.
    #[serde(rename = "SHA256")]
    Sha256,
    /// HMAC-SHA-512.
    #[serde(rename = "SHA512")]
    Sha512,
}

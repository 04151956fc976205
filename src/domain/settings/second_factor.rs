//! Who must prove a second factor, and how one is set up.

use serde::{Deserialize, Serialize};

use crate::domain::{DAY, HOUR, Millis};

/// `[second_factor]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SecondFactor {
    /// Of whom it is asked. A client may ask for more (`require_second_factor`).
    pub required: Required,
    /// With [`Required::Groups`]: the groups, by DN; members of the groups inside them at any depth count.
    pub groups: Vec<String>,
    /// Who may set one up while signing in.
    pub enrolment: Enrolment,
    /// For how many days the set-up may be put off, from the first time that it was asked for.
    pub grace_days: u32,
    /// For how many days a browser may be remembered; 0: never.
    pub remember_browser_days: u32,
    /// How long a help-desk code is good.
    pub invitation_hours: u32,
    /// What new authenticators are set up with.
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
    /// For how long the set-up may be put off.
    #[must_use]
    pub fn grace(&self) -> Millis {
        Millis::from(self.grace_days) * DAY
    }

    /// For how long a browser is remembered; `None` where none is.
    #[must_use]
    pub fn remembered(&self) -> Option<Millis> {
        (self.remember_browser_days > 0).then(|| Millis::from(self.remember_browser_days) * DAY)
    }

    /// How long a help-desk code is good.
    #[must_use]
    pub fn invitation(&self) -> Millis {
        Millis::from(self.invitation_hours) * HOUR
    }
}

/// Of whom a second factor is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Required {
    /// Of nobody, unless the client asks.
    #[default]
    Nobody,
    /// Of those who have set one up; nobody has to.
    Optional,
    /// Of everybody.
    Everyone,
    /// Of the members of some groups, and of those who have set one up.
    Groups,
}

/// Who may set up a first factor while signing in: a stolen password alone should not enrol the thief's phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Enrolment {
    /// Whoever has the password.
    #[default]
    Alone,
    /// Only with a code from the help desk.
    Invited,
}

/// What new authenticators are set up with (RFC 6238). What is set up stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Totp {
    /// The hash.
    pub algorithm: TotpAlgorithm,
    /// Digits of a code: 6 to 8.
    pub digits: u8,
    /// Seconds that a code is shown for.
    pub period: u32,
}

impl Default for Totp {
    fn default() -> Self {
        Self { algorithm: TotpAlgorithm::Sha1, digits: 6, period: 30 }
    }
}

/// The hash of RFC 6238 section 1.2. Most authenticator apps know SHA-1 alone, and nothing is wrong with it in an HMAC.
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

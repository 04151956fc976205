//! `acr`: the strength of a sign-in in a token (REFEDS SFA and MFA profiles).

use crate::domain::evidence::Level;

/// `acr` of a sign-in with one factor.
pub const ACR_ONE_FACTOR: &str = "https://refeds.org/profile/sfa";
/// `acr` of a sign-in with several factors.
pub const ACR_SEVERAL_FACTORS: &str = "https://refeds.org/profile/mfa";

/// The level that an `acr` names (REFEDS SFA and MFA profiles).
#[must_use]
pub fn level(acr: &str) -> Option<Level> {
    match acr {
        ACR_ONE_FACTOR => Some(Level::Sfa),
        ACR_SEVERAL_FACTORS => Some(Level::Mfa),
        _ => None,
    }
}

/// The `acr` of a level.
#[must_use]
pub fn acr(level: Level) -> &'static str {
    match level {
        Level::Sfa => ACR_ONE_FACTOR,
        Level::Mfa => ACR_SEVERAL_FACTORS,
    }
}

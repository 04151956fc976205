//! The decisions: pure code without I/O, clock or global randomness. It imports no other module of this
//! crate.

pub mod account;
pub mod advice;
pub mod audit;
pub mod bind;
pub mod client;
pub mod colour;
pub mod cursor;
pub mod dn;
pub mod doctor;
pub mod email;
pub mod entry;
pub mod evidence;
pub mod factor;
pub mod gates;
pub mod grant;
pub mod group;
pub mod guard;
pub mod lockout;
pub mod login;
pub mod mirror;
pub mod name;
pub mod network;
pub mod password;
pub mod picture;
pub mod place;
pub mod policy;
pub mod reconcile;
pub mod recovery;
pub mod refused;
pub mod routing;
#[cfg(test)]
pub(crate) mod samples;
pub mod schedule;
pub mod scope;
pub mod secret;
pub mod selection;
pub mod session;
pub mod settings;
pub mod shortfall;
pub mod slow;
pub mod sync_advice;
pub mod team_share;
pub mod throttle;

/// A time (since 1970-01-01T00:00:00Z) or a duration, in milliseconds.
pub type Millis = i64;

/// One second, in [`Millis`].
pub const SECOND: Millis = 1_000;
/// One minute, in [`Millis`].
pub const MINUTE: Millis = 60 * SECOND;
/// One hour, in [`Millis`].
pub const HOUR: Millis = 60 * MINUTE;
/// One day, in [`Millis`].
pub const DAY: Millis = 24 * HOUR;

/// A time in RFC 3339, UTC, to the second.
#[must_use]
pub fn timestamp(at: Millis) -> String {
    time::OffsetDateTime::from_unix_timestamp(at.div_euclid(1_000))
        .ok()
        .and_then(|at| at.format(&time::format_description::well_known::Rfc3339).ok())
        .unwrap_or_else(|| format!("{at} ms"))
}

//! The decisions: pure code without I/O, clock or global randomness. It imports no other module of this
//! crate.

pub mod account;
pub mod account_search;
pub mod admin;
pub mod advice;
pub mod agent;
pub mod audit;
pub mod audit_chain;
pub mod audit_change;
pub mod bind;
pub mod client;
pub mod colour;
pub mod cursor;
pub mod delivery;
pub mod dn;
pub mod doctor;
pub mod email;
pub mod enrolment;
pub mod entry;
pub mod evidence;
pub mod expiry;
pub mod export;
pub mod factor;
pub mod gates;
pub mod grant;
pub mod group;
pub mod guard;
pub mod history;
pub mod lock_down;
pub mod lockout;
pub mod login;
pub mod mirror;
pub mod name;
pub mod network;
pub mod outbound;
pub mod password;
pub mod picture;
pub mod place;
pub mod policy;
pub mod profile;
#[cfg(test)]
pub(crate) mod random_sequences;
pub mod reconcile;
pub mod recovery;
pub mod refused;
pub mod revert;
pub mod role;
pub mod routing;
#[cfg(test)]
pub(crate) mod samples;
pub mod schedule;
pub mod schema;
pub mod scope;
pub mod secret;
pub mod selection;
pub mod service_test;
pub mod session;
pub mod settings;
pub mod shortfall;
pub mod signing_key;
pub mod slow;
pub mod sync_advice;
pub mod team_share;
pub mod throttle;
mod words;
pub(crate) use words::words;

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
    civil(at).map_or_else(|| format!("{at} ms"), |at| format!("{at}Z"))
}

/// Date and time of day in UTC, to the second; `None` beyond the year 9999. No `jiff::Timestamp`: that ends a day before
/// 9999-12-31, which directories write for "never".
#[must_use]
pub fn civil(at: Millis) -> Option<jiff::civil::DateTime> {
    EPOCH.checked_add(jiff::SignedDuration::from_secs(at.div_euclid(SECOND))).ok()
}

/// Milliseconds since 1970 of a date and time of day in UTC.
#[must_use]
pub fn since_epoch(at: jiff::civil::DateTime) -> Millis {
    at.duration_since(EPOCH).as_secs() * SECOND
}

/// Reads a time: RFC 3339, a date and time of day in UTC, or a date, which means its first moment.
#[must_use]
pub fn parse_time(text: &str) -> Option<Millis> {
    let text = text.trim();
    let exactly = text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond);
    exactly.or_else(|_| text.parse::<jiff::civil::DateTime>().map(since_epoch)).ok()
}

const EPOCH: jiff::civil::DateTime = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);

//! Limit our wrong passwords per directory account, so that sign-ins here never lock it.
//!
//! The last attempt before a lockout is never used: otherwise a stranger could lock any
//! account through us.

use super::entry::WrongTries;
use super::{MINUTE, Millis, SECOND};

/// Added to every window: servers report times in whole seconds, and a response takes a moment.
const SLACK: Millis = 2 * SECOND;

/// Assumed if the policy can't be read: Microsoft's documentation and every baseline stay at or below it.
pub const ASSUMED_WINDOW: Millis = 30 * MINUTE;

/// The threshold to assume if neither the directory nor the settings say when accounts are locked.
pub const ASSUMED_THRESHOLD: u32 = 3;

/// When a directory locks an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockoutPolicy {
    /// This many wrong passwords lock the account; 0: no limit.
    pub threshold: u32,
    /// How long after the last wrong password the count is reset.
    pub window: Millis,
}

/// What is known about the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    Unknown,
    /// It completed a sign-in for this account before, or has just proven the account's second factor.
    Known,
}

impl Browser {
    /// A known browser if `known`.
    #[must_use]
    pub fn known_if(known: bool) -> Self {
        if known { Self::Known } else { Self::Unknown }
    }
}

impl LockoutPolicy {
    /// Wrong passwords never lock an account.
    pub const NEVER: Self = Self { threshold: 0, window: 0 };

    /// The policy to assume for a configured threshold (0: accounts are not locked).
    #[must_use]
    pub fn assumed(threshold: u32) -> Self {
        Self { threshold, window: if threshold == 0 { 0 } else { ASSUMED_WINDOW } }
    }

    /// The policy to assume if neither the directory nor the settings say anything.
    #[must_use]
    pub fn unreadable() -> Self {
        Self::assumed(ASSUMED_THRESHOLD)
    }

    /// A policy that is safe under both: the smaller threshold (0 is no limit), the longer window.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self.threshold, other.threshold) {
            (0, _) => other,
            (_, 0) => self,
            (one, two) => Self { threshold: one.min(two), window: self.window.max(other.window) },
        }
    }

    /// The count of wrong passwords at which this browser is stopped; `None` without a limit. Never the last
    /// attempt before a lockout; otherwise an unknown browser has at least two, so that one typo is forgiven.
    #[must_use]
    pub fn limit(self, browser: Browser) -> Option<u32> {
        let most = self.threshold.saturating_sub(1);
        let limit = match browser {
            Browser::Unknown => self.threshold.saturating_sub(2).max(2).min(most),
            Browser::Known => most,
        };
        (self.threshold > 0).then_some(limit)
    }

    /// True if strangers can't use up all attempts of the owner's known browser. Not with a threshold below
    /// 4.
    #[must_use]
    pub fn leaves_the_owner_a_try(self) -> bool {
        self.threshold == 0 || self.limit(Browser::Unknown) < self.limit(Browser::Known)
    }

    /// How long a wrong password at `at` counts.
    #[must_use]
    pub fn counts_until(self, at: Millis) -> Millis {
        at.saturating_add(self.window).saturating_add(SLACK)
    }
}

/// The current count of wrong passwords: the highest of the servers' counts and our own.
#[must_use]
pub fn spent(counts: &[WrongTries], ours: u32, policy: LockoutPolicy, server_now: Millis) -> u32 {
    counts.iter().map(|tries| current_count(tries, policy, server_now)).fold(ours, u32::max)
}

/// When the last of these wrong passwords stops counting, by the server's clock; `None` if none counts, or if
/// the server does not report their times.
#[must_use]
pub fn spent_until(counts: &[WrongTries], policy: LockoutPolicy, server_now: Millis) -> Option<Millis> {
    let last = |tries: &WrongTries| tries.times.iter().copied().chain(tries.last_at).max();
    let current = counts.iter().filter(|tries| current_count(tries, policy, server_now) > 0);
    current.filter_map(last).map(|at| policy.counts_until(at)).filter(|until| server_now <= *until).max()
}

/// The wait in whole minutes, for display; without the added [`SLACK`].
#[must_use]
pub fn in_minutes(until: Millis, now: Millis) -> u32 {
    let left = until.saturating_sub(now).saturating_sub(SLACK).max(1);
    u32::try_from((left + MINUTE - 1) / MINUTE).unwrap_or(u32::MAX)
}

/// True if one more password may be tried.
#[must_use]
pub fn allows(policy: LockoutPolicy, spent: u32, browser: Browser) -> bool {
    policy.limit(browser).is_none_or(|limit| spent < limit)
}

/// One server's count at this time. A count without a time is taken as current.
fn current_count(tries: &WrongTries, policy: LockoutPolicy, now: Millis) -> u32 {
    let counts = |at: &Millis| now <= policy.counts_until(*at);
    if !tries.times.is_empty() {
        return u32::try_from(tries.times.iter().filter(|at| counts(at)).count()).unwrap_or(u32::MAX);
    }
    if tries.last_at.as_ref().is_none_or(counts) { tries.count } else { 0 }
}

#[cfg(test)]
mod tests;

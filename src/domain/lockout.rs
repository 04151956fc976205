//! How many wrong passwords a directory account may still take from us. Pure: counts, policy and the time come in.
//!
//! It refuses to spend the last try before a lockout, whoever asks: an account that we lock is an account that somebody
//! else locked through us.

use super::entry::WrongTries;
use super::{MINUTE, Millis, SECOND};

/// Added to every window: servers tell the time in whole seconds, and an answer takes a while to come.
const SLACK: Millis = 2 * SECOND;

/// What to assume of a policy that can't be read: Microsoft's documentation and every baseline stay at or below it.
pub const ASSUMED_WINDOW: Millis = 30 * MINUTE;

/// The threshold to assume where a directory says nothing at all of when it locks accounts, and the settings don't either.
pub const ASSUMED_THRESHOLD: u32 = 3;

/// When a directory locks an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockoutPolicy {
    /// That many wrong passwords lock it; 0: none ever do.
    pub threshold: u32,
    /// So long after the last one they are forgotten.
    pub window: Millis,
}

/// What is known of the browser that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// Nothing.
    Unknown,
    /// It completed a login for this account before, or has just proven the account's second factor.
    Known,
}

impl LockoutPolicy {
    /// No wrong password ever locks an account.
    pub const NEVER: Self = Self { threshold: 0, window: 0 };

    /// What to assume where an administrator says that so many wrong passwords may lock an account (0: none do).
    #[must_use]
    pub fn assumed(threshold: u32) -> Self {
        Self { threshold, window: if threshold == 0 { 0 } else { ASSUMED_WINDOW } }
    }

    /// What to assume where neither the directory nor the settings say anything.
    #[must_use]
    pub fn unreadable() -> Self {
        Self::assumed(ASSUMED_THRESHOLD)
    }

    /// Safe under either of both: the smaller threshold (where 0 is no limit), the longer window.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self.threshold, other.threshold) {
            (0, _) => other,
            (_, 0) => self,
            (one, two) => Self { threshold: one.min(two), window: self.window.max(other.window) },
        }
    }

    /// How many wrong passwords may be on the count before such a browser is stopped; `None` without a limit. Never the
    /// last one before a lockout; otherwise an unknown browser has two at least, so that one typo shuts nobody out.
    #[must_use]
    pub fn limit(self, browser: Browser) -> Option<u32> {
        let most = self.threshold.saturating_sub(1);
        let limit = match browser {
            Browser::Unknown => self.threshold.saturating_sub(2).max(2).min(most),
            Browser::Known => most,
        };
        (self.threshold > 0).then_some(limit)
    }

    /// True where strangers can't use up all tries that the owner of a known browser has. Not with a threshold below 4.
    #[must_use]
    pub fn leaves_the_owner_a_try(self) -> bool {
        self.threshold == 0 || self.limit(Browser::Unknown) < self.limit(Browser::Known)
    }

    /// Until when a wrong password at `at` is on the count.
    #[must_use]
    pub fn counts_until(self, at: Millis) -> Millis {
        at.saturating_add(self.window).saturating_add(SLACK)
    }
}

/// How many wrong passwords are on the count: the highest of what the servers say and what we have counted ourselves.
#[must_use]
pub fn spent(counts: &[WrongTries], ours: u32, policy: LockoutPolicy, server_now: Millis) -> u32 {
    counts.iter().map(|tries| standing(tries, policy, server_now)).fold(ours, u32::max)
}

/// Until when the last of these wrong passwords counts, by the server's clock; `None` where none counts, or where the server
/// does not say when they came.
#[must_use]
pub fn spent_until(counts: &[WrongTries], policy: LockoutPolicy, server_now: Millis) -> Option<Millis> {
    let last = |tries: &WrongTries| tries.times.iter().copied().chain(tries.last_at).max();
    let standing = counts.iter().filter(|tries| standing(tries, policy, server_now) > 0);
    standing.filter_map(last).map(|at| policy.counts_until(at)).filter(|until| server_now <= *until).max()
}

/// How long to wait, in whole minutes, for people: what is added to a window is not told.
#[must_use]
pub fn in_minutes(until: Millis, now: Millis) -> u32 {
    let left = until.saturating_sub(now).saturating_sub(SLACK).max(1);
    u32::try_from((left + MINUTE - 1) / MINUTE).unwrap_or(u32::MAX)
}

/// True when one more password may be tried.
#[must_use]
pub fn allows(policy: LockoutPolicy, spent: u32, browser: Browser) -> bool {
    policy.limit(browser).is_none_or(|limit| spent < limit)
}

/// What one server's count is worth now. A count without a time is believed.
fn standing(tries: &WrongTries, policy: LockoutPolicy, now: Millis) -> u32 {
    let counts = |at: &Millis| now <= policy.counts_until(*at);
    if !tries.times.is_empty() {
        return u32::try_from(tries.times.iter().filter(|at| counts(at)).count()).unwrap_or(u32::MAX);
    }
    if tries.last_at.as_ref().is_none_or(counts) { tries.count } else { 0 }
}

#[cfg(test)]
mod tests;

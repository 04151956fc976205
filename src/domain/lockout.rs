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

    /// Safe under either of both: the smaller threshold (where 0 is no limit), the longer window.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self.threshold, other.threshold) {
            (0, _) => other,
            (_, 0) => self,
            (one, two) => Self { threshold: one.min(two), window: self.window.max(other.window) },
        }
    }

    /// How many wrong passwords may be on the count before such a browser is stopped; `None` without a limit. A
    /// threshold of 1 stops everybody, and one of 2 stops every browser that is not known.
    #[must_use]
    pub fn limit(self, browser: Browser) -> Option<u32> {
        let kept_back = match browser {
            Browser::Unknown => 2,
            Browser::Known => 1,
        };
        (self.threshold > 0).then(|| self.threshold.saturating_sub(kept_back))
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Millis = 1_700_000_000_000;

    fn policy(threshold: u32) -> LockoutPolicy {
        LockoutPolicy { threshold, window: 10 * MINUTE }
    }

    fn counted(count: u32, ago: Millis) -> WrongTries {
        WrongTries { count, last_at: Some(NOW - ago), times: Vec::new() }
    }

    #[test]
    fn the_last_try_is_kept_back_and_one_more_from_strangers() {
        // threshold; how many tries an unknown and a known browser have
        let table = [(1, 0, 0), (2, 0, 1), (3, 1, 2), (4, 2, 3), (10, 8, 9)];
        for (threshold, unknown, known) in table {
            let tries =
                |browser| (0..).take_while(|spent| allows(policy(threshold), *spent, browser)).count();
            assert_eq!((tries(Browser::Unknown), tries(Browser::Known)), (unknown, known), "{threshold}");
        }
        for browser in [Browser::Unknown, Browser::Known] {
            assert!(allows(LockoutPolicy::NEVER, u32::MAX, browser));
        }
    }

    #[test]
    fn the_highest_count_counts_until_its_window_is_over() {
        let window = policy(3).window;
        let table: [(&str, Vec<WrongTries>, u32, u32); 9] = [
            ("nothing", vec![], 0, 0),
            ("ours alone", vec![], 2, 2),
            ("the server's", vec![counted(2, 0)], 1, 2),
            ("ours is higher", vec![counted(1, 0)], 2, 2),
            ("another server's is higher", vec![counted(1, 0), counted(2, 0)], 0, 2),
            ("to the last moment", vec![counted(2, window + SLACK)], 0, 2),
            ("over", vec![counted(2, window + SLACK + 1)], 0, 0),
            ("over there, not here", vec![counted(2, window + SLACK + 1), counted(1, 0)], 0, 1),
            ("without a time", vec![WrongTries { count: 2, ..WrongTries::default() }], 0, 2),
        ];
        for (what, counts, ours, expected) in table {
            assert_eq!(spent(&counts, ours, policy(3), NOW), expected, "{what}");
        }
    }

    #[test]
    fn where_each_try_has_its_time_each_is_forgotten_alone() {
        let long_ago = NOW - policy(3).window - SLACK - 1;
        let tries = WrongTries { count: 3, last_at: Some(NOW), times: vec![long_ago, NOW, NOW + MINUTE] };
        assert_eq!(spent(&[tries], 0, policy(5), NOW), 2);
    }

    #[test]
    fn two_policies_together_are_the_stricter_of_each_part() {
        let (short, long) = (LockoutPolicy { threshold: 3, window: 1 }, policy(5));
        let both = LockoutPolicy { threshold: 3, window: long.window };
        let table = [
            (short, long, both),
            (long, short, both),
            (LockoutPolicy::NEVER, long, long),
            (long, LockoutPolicy::NEVER, long),
            (long, LockoutPolicy::assumed(0), long),
            (LockoutPolicy::NEVER, LockoutPolicy::assumed(3), LockoutPolicy::assumed(3)),
            (LockoutPolicy::NEVER, LockoutPolicy::NEVER, LockoutPolicy::NEVER),
        ];
        for (one, other, expected) in table {
            assert_eq!(one.and(other), expected, "{one:?} {other:?}");
        }
    }

    /// A domain controller that counts and locks as MS-SAMR 3.1.1.8.8 says.
    struct Server {
        policy: LockoutPolicy,
        tries: WrongTries,
        locked_by_us: bool,
    }

    impl Server {
        fn wrong(&mut self, now: Millis, by_us: bool) {
            let over = self.tries.last_at.is_some_and(|at| now > at + self.policy.window);
            let before = if over { 0 } else { self.tries.count };
            self.tries = WrongTries { count: before + 1, last_at: Some(now), times: Vec::new() };
            self.locked_by_us |= by_us && before + 1 == self.policy.threshold;
        }

        fn right(&mut self) {
            self.tries.count = 0;
        }
    }

    #[derive(Clone, Debug)]
    struct Attempt {
        after: Millis,
        browser: Browser,
        right: bool,
        elsewhere: bool,
    }

    prop_compose! {
        fn attempt()(
            after in prop_oneof![0..2 * SECOND, 0..11 * MINUTE], known: bool, right in prop::bool::weighted(0.2),
            elsewhere in prop::bool::weighted(0.2),
        ) -> Attempt {
            Attempt { after, browser: if known { Browser::Known } else { Browser::Unknown }, right, elsewhere }
        }
    }

    proptest! {
        /// Whatever comes in whatever order, and however wrong passwords elsewhere mix in: the wrong password that
        /// locks an account is none of ours. Where the count can't be read, our own is enough for our own.
        #[test]
        fn we_never_lock_an_account(
            attempts in prop::collection::vec(attempt(), 0..80), threshold in 0_u32..7, readable: bool,
        ) {
            let policy = policy(threshold);
            let mut server = Server { policy, tries: WrongTries::default(), locked_by_us: false };
            let (mut now, mut ours, mut until) = (NOW, 0, NOW);
            for Attempt { after, browser, right, elsewhere } in attempts {
                now += after;
                if elsewhere {
                    if readable { server.wrong(now, false) }
                    continue;
                }
                let counts = if readable { vec![server.tries.clone()] } else { vec![] };
                let before = spent(&counts, if now < until { ours } else { 0 }, policy, now);
                if !allows(policy, before, browser) {
                    continue;
                }
                if right {
                    server.right();
                    (ours, until) = (0, now);
                } else {
                    server.wrong(now, true);
                    (ours, until) = (before + 1, policy.counts_until(now));
                }
                prop_assert!(!server.locked_by_us);
            }
        }

        /// Strangers who have spent their tries leave one to the owner.
        #[test]
        fn strangers_leave_the_owner_a_try(threshold in 2_u32..20) {
            let most = (0..).find(|spent| !allows(policy(threshold), *spent, Browser::Unknown)).unwrap_or(0);
            prop_assert!(allows(policy(threshold), most, Browser::Known));
        }
    }
}

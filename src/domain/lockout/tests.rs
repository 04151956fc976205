//! The lockout budget: tables, and a model of a domain controller that we must never lock.

use proptest::prelude::*;

use super::*;
use crate::domain::refused::Refused;

const NOW: Millis = 1_700_000_000_000;

fn policy(threshold: u32) -> LockoutPolicy {
    LockoutPolicy { threshold, window: 10 * MINUTE }
}

fn counted(count: u32, ago: Millis) -> WrongTries {
    WrongTries { count, last_at: Some(NOW - ago), times: Vec::new() }
}

#[test]
fn the_last_attempt_is_reserved_and_one_more_from_strangers() {
    // threshold; attempts of an unknown and of a known browser
    let table = [(1, 0, 0), (2, 1, 1), (3, 2, 2), (4, 2, 3), (5, 3, 4), (10, 8, 9)];
    for (threshold, unknown, known) in table {
        let tries = |browser| (0..).take_while(|spent| allows(policy(threshold), *spent, browser)).count();
        assert_eq!((tries(Browser::Unknown), tries(Browser::Known)), (unknown, known), "{threshold}");
    }
    for browser in [Browser::Unknown, Browser::Known] {
        assert!(allows(LockoutPolicy::NEVER, u32::MAX, browser));
    }
}

#[test]
fn the_highest_count_applies_until_its_window_ends() {
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
fn attempts_with_times_expire_one_by_one() {
    let long_ago = NOW - policy(3).window - SLACK - 1;
    let tries = WrongTries { count: 3, last_at: Some(NOW), times: vec![long_ago, NOW, NOW + MINUTE] };
    assert_eq!(spent(&[tries], 0, policy(5), NOW), 2);
}

#[test]
fn a_count_ends_with_its_last_wrong_password() {
    let (policy, end) = (policy(3), policy(3).window + SLACK);
    let times = WrongTries { count: 2, last_at: None, times: vec![NOW - 5, NOW - MINUTE] };
    let table: [(&str, Vec<WrongTries>, Option<Millis>); 5] = [
        ("nothing", vec![], None),
        ("one server", vec![counted(1, MINUTE)], Some(NOW - MINUTE + end)),
        ("the later of two", vec![counted(1, MINUTE), times], Some(NOW - 5 + end)),
        ("over", vec![counted(2, end + 1)], None),
        ("without a time", vec![WrongTries { count: 2, ..WrongTries::default() }], None),
    ];
    for (what, counts, expected) in table {
        assert_eq!(spent_until(&counts, policy, NOW), expected, "{what}");
    }
    for (left, minutes) in [(-5, 1), (SLACK, 1), (SLACK + MINUTE, 1), (SLACK + MINUTE + 1, 2), (end, 10)] {
        assert_eq!(in_minutes(NOW + left, NOW), minutes, "{left}");
    }
}

#[test]
fn two_policies_combine_to_the_stricter_of_each_part() {
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

/// A domain controller that counts and locks as in MS-SAMR 3.1.1.8.8.
struct ModelServer {
    policy: LockoutPolicy,
    tries: WrongTries,
    locked_by_us: bool,
}

impl ModelServer {
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
struct ModelAttempt {
    after: Millis,
    browser: Browser,
    /// The password's number; 0 is the right one.
    password: u8,
    elsewhere: bool,
}

prop_compose! {
    fn attempt()(
        after in prop_oneof![0..2 * SECOND, 0..11 * MINUTE], known: bool, password in 0_u8..9,
        elsewhere in prop::bool::weighted(0.2),
    ) -> ModelAttempt {
        ModelAttempt { after, browser: Browser::known_if(known), password, elsewhere }
    }
}

proptest! {
    /// In any order, and with any wrong passwords elsewhere: our wrong password is never the one that locks
    /// an account. If the count can't be read, our own count prevents that for our own attempts. A repeated
    /// password is free while it is remembered, and the right one is never taken for a repeat.
    #[test]
    fn we_never_lock_an_account(
        attempts in prop::collection::vec(attempt(), 0..80), threshold in 0_u32..7, readable: bool,
    ) {
        let policy = policy(threshold);
        let mut server = ModelServer { policy, tries: WrongTries::default(), locked_by_us: false };
        let (mut now, mut ours, mut until, mut refused) = (NOW, 0, NOW, Refused::default());
        for ModelAttempt { after, browser, password, elsewhere } in attempts {
            now += after;
            if elsewhere {
                if readable { server.wrong(now, false) }
                continue;
            }
            let mark = [password; 8];
            let counts = if readable { vec![server.tries.clone()] } else { vec![] };
            let before = spent(&counts, if now < until { ours } else { 0 }, policy, now);
            if refused.holds(mark, now) {
                prop_assert!(password != 0);
                continue;
            }
            if !allows(policy, before, browser) {
                continue;
            }
            if password == 0 {
                server.right();
                (ours, until, refused) = (0, now, Refused::default());
            } else {
                server.wrong(now, true);
                (ours, until) = (before + 1, policy.counts_until(now));
                refused.remember(mark, until);
            }
            prop_assert!(!server.locked_by_us);
        }
    }

    /// Strangers who have used up their attempts leave one to the owner.
    #[test]
    fn strangers_leave_the_owner_an_attempt(threshold in 2_u32..20) {
        let most = (0..).find(|spent| !allows(policy(threshold), *spent, Browser::Unknown)).unwrap_or(0);
        let left = allows(policy(threshold), most, Browser::Known);
        prop_assert_eq!(left, policy(threshold).leaves_the_owner_a_try());
        prop_assert_eq!(left, threshold > 3, "with fewer there is no try to keep back beside the last");
    }

    /// One typo is forgiven: a right password may follow, in any browser, if the threshold allows it.
    #[test]
    fn a_typo_leaves_an_attempt(threshold in 3_u32..1_000, known: bool) {
        let browser = Browser::known_if(known);
        prop_assert!(allows(policy(threshold), 1, browser));
        prop_assert!(!allows(policy(threshold), threshold - 1, browser), "never the last one");
    }
}

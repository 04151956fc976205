//! A target that suddenly says "no such user" for many is not filled again blindly: it may have been emptied
//! by mistake, or the address may lead to another one.

use std::collections::VecDeque;

use crate::domain::{HOUR, Millis};

/// So many may always be created again: somebody deletes an account over there now and then.
pub const FEWEST: usize = 3;
/// One of so many that are known there.
const SHARE: usize = 100;
const WINDOW: Millis = HOUR;

/// How many may be created again within an hour, of so many that are known there.
#[must_use]
pub(super) fn most(known: usize) -> usize {
    (known / SHARE).max(FEWEST)
}

/// Counts who is created again within an hour.
#[derive(Clone, Debug, Default)]
pub struct GoneGuard {
    again: VecDeque<Millis>,
}

impl GoneGuard {
    /// Whether one more may be created again at a target where so many are known. If not, the target has to be
    /// stopped.
    pub fn take(&mut self, known: usize, now: Millis) -> bool {
        while self.again.front().is_some_and(|at| *at <= now - WINDOW) {
            self.again.pop_front();
        }
        let allowed = self.again.len() < most(known);
        if allowed {
            self.again.push_back(now);
        }
        allowed
    }

    /// An administrator has said that the target shall be filled: counting begins anew.
    pub fn reset(&mut self) {
        self.again.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_one_in_a_hundred_an_hour_stops() {
        for (known, most) in [(0, 3), (100, 3), (399, 3), (400, 4), (20_000, 200)] {
            let mut guard = GoneGuard::default();
            let taken = (0..1_000).filter(|second| guard.take(known, second * 1_000)).count();
            assert_eq!(taken, most, "of {known}");
        }
    }

    #[test]
    fn an_hour_later_it_counts_anew_and_after_a_decision_at_once() {
        let mut guard = GoneGuard::default();
        let take = |guard: &mut GoneGuard, now| (0..5).filter(|_| guard.take(10, now)).count();
        assert_eq!(take(&mut guard, 0), 3);
        assert_eq!(take(&mut guard, HOUR - 1), 0);
        assert_eq!(take(&mut guard, HOUR), 3);
        guard.reset();
        assert_eq!(take(&mut guard, HOUR), 3);
    }
}

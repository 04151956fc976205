//! How many requests a target gets in any minute and in any hour. A part is kept for suspensions.

use std::collections::VecDeque;

use super::queue::Urgency;
use crate::domain::{HOUR, MINUTE, Millis};

/// The limits of one target; 0 is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub per_minute: u32,
    pub per_hour: u32,
    /// How much of each is only for suspensions, in percent.
    pub reserved: u8,
}

/// A window is counted in so many slots, and one more that has begun before it.
const SLOTS: i64 = 60;

/// Requests of the last minute or hour. It counts a little more than the window, never less.
#[derive(Clone, Debug)]
struct Window {
    slot: Millis,
    /// Number of the slot and requests in it, the oldest first.
    counts: VecDeque<(i64, u32)>,
    sum: u64,
}

/// The requests that were sent.
#[derive(Clone, Debug)]
pub struct Budget {
    rate: Rate,
    minute: Window,
    hour: Window,
}

impl Budget {
    /// Starts with nothing sent.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self { rate, minute: Window::new(MINUTE), hour: Window::new(HOUR) }
    }

    /// Counts a request, or says when to ask again.
    pub fn take(&mut self, urgency: Urgency, now: Millis) -> Result<(), Millis> {
        let reserved = if urgency == Urgency::Suspend { 0 } else { self.rate.reserved.min(100) };
        let limit = |most: u32| u64::from(most) - u64::from(most) * u64::from(reserved) / 100;
        let windows = [(&mut self.minute, self.rate.per_minute), (&mut self.hour, self.rate.per_hour)];
        let mut later = None;
        let mut free = Vec::with_capacity(2);
        for (window, most) in windows {
            window.forget(now);
            if most != 0 && window.sum >= limit(most).max(1) {
                later = later.max(Some(window.next_end(now)));
            } else if most != 0 {
                free.push(window);
            }
        }
        if let Some(later) = later {
            return Err(later);
        }
        free.into_iter().for_each(|window| window.count(now));
        Ok(())
    }
}

impl Window {
    fn new(length: Millis) -> Self {
        Self { slot: length / SLOTS, counts: VecDeque::new(), sum: 0 }
    }

    fn forget(&mut self, now: Millis) {
        let oldest = now.div_euclid(self.slot) - SLOTS;
        while let Some((number, count)) = self.counts.front().copied().filter(|(number, _)| *number < oldest)
        {
            debug_assert!(number < oldest);
            self.counts.pop_front();
            self.sum -= u64::from(count);
        }
    }

    fn count(&mut self, now: Millis) {
        let number = now.div_euclid(self.slot);
        match self.counts.back_mut() {
            // A clock that was set back counts in the newest slot.
            Some((newest, count)) if *newest >= number => *count += 1,
            _ => self.counts.push_back((number, 1)),
        }
        self.sum += 1;
    }

    /// When the oldest slot is forgotten.
    fn next_end(&self, now: Millis) -> Millis {
        self.counts.front().map_or(now, |(number, _)| (number + SLOTS + 1) * self.slot)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::SECOND;

    fn rate(per_minute: u32, per_hour: u32, reserved: u8) -> Rate {
        Rate { per_minute, per_hour, reserved }
    }

    #[test]
    fn suspensions_have_a_part_that_nothing_else_uses() {
        let mut budget = Budget::new(rate(100, 0, 20));
        let changes = (0..200).filter(|_| budget.take(Urgency::Fill, 0).is_ok()).count();
        let suspensions = (0..200).filter(|_| budget.take(Urgency::Suspend, 0).is_ok()).count();
        assert_eq!((changes, suspensions), (80, 20));
        assert_eq!(budget.take(Urgency::Suspend, SECOND), Err(61 * SECOND));
        assert_eq!(budget.take(Urgency::Suspend, 61 * SECOND), Ok(()));
    }

    #[test]
    fn no_limit_is_no_limit_and_everything_reserved_still_lets_one_through() {
        let mut budget = Budget::new(rate(0, 0, 100));
        assert!((0..100_000).all(|_| budget.take(Urgency::Fill, 0).is_ok()));
        let mut budget = Budget::new(rate(10, 0, 100));
        assert_eq!((0..100).filter(|_| budget.take(Urgency::Fill, 0).is_ok()).count(), 1);
    }

    proptest! {
        #[test]
        fn no_window_has_more_than_its_limit_and_a_refusal_ends(
            per_minute in 1_u32..20, per_hour in 1_u32..60, reserved in 0_u8..=100,
            waits in prop::collection::vec((0..40 * SECOND, any::<bool>()), 1..300),
        ) {
            let mut budget = Budget::new(rate(per_minute, per_hour, reserved));
            let (mut now, mut sent) = (0, Vec::new());
            for (wait, suspends) in waits {
                now += wait;
                let urgency = if suspends { Urgency::Suspend } else { Urgency::Change };
                let since = |length: Millis, sent: &[Millis]| sent.iter().filter(|at| **at > now - length).count();
                match budget.take(urgency, now) {
                    Ok(()) => {
                        sent.push(now);
                        prop_assert!(since(MINUTE, &sent) <= per_minute as usize);
                        prop_assert!(since(HOUR, &sent) <= per_hour as usize);
                    }
                    Err(later) => {
                        prop_assert!(later > now && later <= now + HOUR + MINUTE, "{} at {}", later, now);
                        let (minute, hour) = (since(MINUTE + SECOND, &sent), since(HOUR + MINUTE, &sent));
                        let full = minute >= per_minute as usize || hour >= per_hour as usize;
                        prop_assert!(!suspends || full, "a suspension waits although there is room");
                    }
                }
            }
        }
    }
}

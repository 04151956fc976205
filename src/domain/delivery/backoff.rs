//! How long to wait before the next attempt.

use crate::domain::{HOUR, MINUTE, Millis, SECOND};

const FIRST: Millis = SECOND;
const LONGEST: Millis = 15 * MINUTE;
/// A target that asks for more is asked again all the same: it may have miscalculated.
const LONGEST_ASKED: Millis = HOUR;

/// The wait after this many failed attempts (from 1), doubled each time. Half of it is random, so that many
/// waits do not end at once; `jitter` is from 0 to 1. A target's own `Retry-After` is never cut short below an hour.
#[must_use]
pub fn backoff(attempts: u32, retry_after: Option<Millis>, jitter: f64) -> Millis {
    let doubled = FIRST << attempts.saturating_sub(1).min(10);
    let wait = doubled.min(LONGEST);
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
    let random = ((wait / 2) as f64 * jitter.clamp(0.0, 1.0)) as Millis;
    match retry_after {
        Some(asked) => asked.clamp(0, LONGEST_ASKED) + random.min(SECOND),
        None => wait / 2 + random,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        for (attempts, shortest, longest) in [
            (0, 500, 1_000),
            (1, 500, 1_000),
            (2, 1_000, 2_000),
            (5, 8_000, 16_000),
            (10, 256_000, 512_000),
            (11, 450_000, 900_000),
            (u32::MAX, 450_000, 900_000),
        ] {
            assert_eq!(backoff(attempts, None, 0.0), shortest, "{attempts}");
            assert_eq!(backoff(attempts, None, 1.0), longest, "{attempts}");
        }
    }

    proptest! {
        #[test]
        fn the_targets_own_wait_is_kept(attempts: u32, asked in 0..HOUR, jitter in 0.0..=1.0) {
            let wait = backoff(attempts, Some(asked), jitter);
            prop_assert!(wait >= asked && wait <= asked + SECOND);
        }

        #[test]
        fn no_input_makes_a_wait_without_end(attempts: u32, asked: Option<Millis>, jitter: f64) {
            let wait = backoff(attempts, asked, jitter);
            prop_assert!((0..=HOUR + SECOND).contains(&wait), "{}", wait);
        }
    }
}

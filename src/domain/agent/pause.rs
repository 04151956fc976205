//! How long an agent waits before it connects again.

use crate::domain::{Millis, SECOND};

const FIRST: Millis = SECOND;
const LONGEST: Millis = 30 * SECOND;

/// The pause after so many failures in a row (1: the connection was lost just now). It doubles, and `jitter`, from 0 to 1,
/// spreads it over the whole range, so that a restart of the provider brings no stampede.
#[must_use]
pub fn pause(failures: u32, jitter: f64) -> Millis {
    let longest = (FIRST << failures.saturating_sub(1).min(16)).min(LONGEST);
    let share = jitter.clamp(0.0, 1.0);
    #[allow(clippy::cast_possible_truncation, reason = "at most half a minute in milliseconds")]
    let spread = (longest as f64 * share) as Millis;
    spread.max(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_and_has_an_end() {
        let longest: Vec<Millis> =
            [0, 1, 2, 3, 5, 6, 7, u32::MAX].map(|failures| pause(failures, 1.0)).into();
        assert_eq!(longest, [1_000, 1_000, 2_000, 4_000, 16_000, 30_000, 30_000, 30_000]);
        assert_eq!(pause(3, 0.5), 2_000);
        assert_eq!(pause(3, 0.0), 100, "never at once");
        assert_eq!(pause(3, f64::NAN), 100);
    }
}

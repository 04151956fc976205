//! Detect an initial sync that takes too long.

use super::{MINUTE, Millis};

/// Longer than an initial sync of a hundred thousand people takes anywhere.
const LONG: Millis = 30 * MINUTE;

/// The state of a directory's initial sync.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Initial {
    /// It was completed once: later runs are not initial.
    pub done: bool,
    /// When the current run began.
    pub run_since: Option<Millis>,
    /// When the full read that this run continues began, perhaps in earlier runs that were aborted.
    pub read_since: Option<Millis>,
}

impl Initial {
    /// How long it has been running, if that is too long.
    #[must_use]
    pub fn slow_for(&self, now: Millis) -> Option<Millis> {
        let run_since = self.run_since.filter(|_| !self.done)?;
        let since = self.read_since.map_or(run_since, |read| read.min(run_since));
        Some(now - since).filter(|lasted| *lasted > LONG)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::HOUR;

    #[test]
    fn only_an_initial_sync_that_is_under_way_is_slow() {
        let (began, earlier) = (Some(HOUR), Some(HOUR - 20 * MINUTE));
        let table = [
            (false, began, None, HOUR + 30 * MINUTE, None),
            (false, began, None, HOUR + 30 * MINUTE + 1, Some(30 * MINUTE + 1)),
            (false, began, earlier, HOUR + 10 * MINUTE, None),
            (false, began, earlier, HOUR + 11 * MINUTE, Some(31 * MINUTE)),
            (false, began, Some(2 * HOUR), HOUR + 31 * MINUTE, Some(31 * MINUTE)),
            (false, None, earlier, 9 * HOUR, None),
            (true, began, earlier, 9 * HOUR, None),
            (false, began, None, 0, None),
        ];
        for (done, run_since, read_since, now, expected) in table {
            let initial = Initial { done, run_since, read_since };
            assert_eq!(initial.slow_for(now), expected, "{initial:?} at {now}");
        }
    }
}

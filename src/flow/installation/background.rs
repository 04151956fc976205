//! Record whether the scheduled jobs of this process work, for the readiness check.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many crashes without a completed round in between mean that a job keeps failing.
const TOLERATED: u32 = 3;

/// The jobs that have crashed since their last completed round.
#[derive(Debug, Default)]
pub struct Background {
    deaths: Mutex<BTreeMap<&'static str, u32>>,
}

impl Background {
    /// Records a crash of a job.
    pub fn died(&self, job: &'static str) {
        *self.deaths().entry(job).or_default() += 1;
    }

    /// Records a completed round of a job, whether or not it succeeded.
    pub fn lives(&self, job: &'static str) {
        self.deaths().remove(job);
    }

    /// A job that keeps failing, if there is one.
    #[must_use]
    pub fn failing(&self) -> Option<&'static str> {
        self.deaths().iter().find(|(_, deaths)| **deaths >= TOLERATED).map(|(job, _)| *job)
    }

    fn deaths(&self) -> MutexGuard<'_, BTreeMap<&'static str, u32>> {
        self.deaths.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_crashes_again_without_a_completed_round_fails() {
        let background = Background::default();
        for _ in 0..10 {
            background.died("refresh");
            background.died("clean-up");
            background.lives("refresh");
            background.died("refresh");
        }
        assert_eq!(background.failing(), Some("clean-up"));
        background.lives("clean-up");
        assert_eq!(background.failing(), None);
    }
}

//! How the jobs that run by the clock fare, for whoever asks whether this process can do its work.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Deaths without a round of work in between after which a job counts as one that keeps dying.
const TOLERATED: u32 = 3;

/// The jobs of this process that have died since they last did a round of their work.
#[derive(Debug, Default)]
pub struct Background {
    deaths: Mutex<BTreeMap<&'static str, u32>>,
}

impl Background {
    /// A job has died.
    pub fn died(&self, job: &'static str) {
        *self.deaths().entry(job).or_default() += 1;
    }

    /// A job has done a round of its work, well or not: it lives.
    pub fn lives(&self, job: &'static str) {
        self.deaths().remove(job);
    }

    /// A job that keeps dying, if there is one.
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
    fn a_job_fails_that_dies_again_and_again_without_working() {
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

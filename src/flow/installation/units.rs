//! The containers of a directory with the people in each, as a process has counted them last.

use tokio::time::{Duration, Instant};

use crate::domain::scope::UnitTree;

/// What was counted, from which version of the mirror, when, and how long that took.
#[derive(Debug)]
pub struct CountedUnits {
    pub tree: UnitTree,
    pub version: i64,
    pub counted: Instant,
    pub took: Duration,
}

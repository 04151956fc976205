//! Sync accounts with a directory: a feed brings the mirror up to date, then every person who may have
//! changed is judged.
//!
//! - `order`: what a run is to do, what it reports, and why it failed
//! - `round`: read and judge once; a run, if there is something to log
//! - `run_lease`: one process at a time works on a directory
//! - `feed`, `read`, `mirror_update`, `hidden`, `selected`: open the feed, update the mirror, find the objects of the scope
//! - `judge`, `orphaned`: judge people in the mirror, and accounts whose entry it lacks
//! - `apply`: write the judgements, limited by the guard
//! - [`watch`]: follow a directory's changes
//! - `one_person`: sync one person now
//! - [`plan`], [`undo`]: preview and apply changes, revert a run
//! - [`load_accounts`], [`hand_over`]: load existing accounts, move an account to another entry
//! - `run_log`, [`history`]: write and read the sync log
//! - `slow`, `advice`: report a slow initial sync, and what to do about a failure
//!
//! Reading and judging are separate. An interrupted read takes nothing from anybody. Judging depends on the
//! mirror alone, so the result is the same after one change and after a full read. Each page of people is one
//! transaction, which also records that they were judged, so an interrupted run resumes there.

mod advice;
mod apply;
mod feed;
pub(crate) mod hand_over;
mod hidden;
pub mod history;
mod judge;
pub mod load_accounts;
mod mirror_update;
mod one_person;
mod order;
mod orphaned;
pub mod plan;
mod read;
mod round;
mod run_lease;
mod run_log;
mod selected;
mod slow;
pub mod undo;
pub(crate) mod watch;

pub use self::one_person::sync_person;
pub use self::order::{RunOrder, RunReport, SyncError};
pub use self::round::{round, run};
pub use self::slow::slow_for;

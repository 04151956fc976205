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
//! - [`preview`], `draft`: show what other settings would change, by the mirror alone
//! - [`read_directory`]: fill the mirror without judging anybody
//! - [`plan`], [`undo`]: preview and apply changes, revert a run
//! - [`held`], [`held_set`], [`stop`], [`pause`]: decide about people whom the guard holds, one by one or all at once,
//!   stop a run, pause the sync
//! - [`units`]: count people by container and find groups, to choose a scope from
//! - `acting`: name the admin who decides; [`ordered`]: record what is ordered on the command line
//! - [`load_accounts`], [`hand_over`]: load existing accounts, move an account to another entry
//! - `run_log`, [`history`], [`progress`]: write and read the sync log, and how far a run has come
//! - `slow`, `advice`: report a slow initial sync, and what to do about a failure
//!
//! Reading and judging are separate. An interrupted read takes nothing from anybody. Judging depends on the
//! mirror alone, so the result is the same after one change and after a full read. Each page of people is one
//! transaction, which also records that they were judged, so an interrupted run resumes there.

mod acting;
mod advice;
mod apply;
mod draft;
mod feed;
pub(crate) mod hand_over;
pub mod held;
pub mod held_set;
mod hidden;
pub mod history;
mod judge;
pub mod load_accounts;
mod mirror_update;
mod one_person;
mod order;
pub mod ordered;
mod orphaned;
pub mod pause;
pub mod plan;
pub mod preview;
pub mod progress;
mod read;
mod read_only;
mod round;
mod run_lease;
mod run_log;
mod selected;
mod slow;
pub mod stop;
pub mod undo;
pub mod units;
pub(crate) mod watch;

pub use self::one_person::sync_person;
pub use self::order::{RunOrder, RunReport, SyncError};
pub use self::read_only::read_directory;
pub use self::round::{round, run};
pub use self::run_lease::is_taken;
pub use self::slow::slow_for;

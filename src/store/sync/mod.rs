//! Runs, changes, plans, and what waits for an administrator:
//!
//! - `account_change`: change an existing account
//! - `applied`: the result of a batch, per entry
//! - `apply`: write the decisions of a run or of a sign-in
//! - `batch`: a batch that is being written
//! - `bundles`: support bundles that were written automatically
//! - `changes`: the history of accounts
//! - `conflicts`: why people get no account, or keep theirs unchanged
//! - `created`: create the new accounts of a batch
//! - `feeds`: by which feed each directory was last read
//! - `hand_over`: link an account to another entry
//! - `headcount`: how many people and accounts a directory has
//! - `held`: people whom the guard holds, and paused directories
//! - `ids`: the numbers of runs and plans, and what starts a run
//! - `imported`: when a directory was last synced completely
//! - `lock_down`: lock down an account for an administrator
//! - `pins`: the objects behind the DNs of the settings
//! - `plans`: planned changes for an administrator to review
//! - `run_row`: a run as the log stores it
//! - `runs`: write and read the log of runs
//! - `shares`: memberships of Team Shares
//! - `stop`: ask a run to stop
//! - `suspend_here`: suspend an account for an administrator, and end that again
//! - `undo`: revert a run

pub(super) mod account_change;
pub(super) mod applied;
pub(super) mod apply;
pub(super) mod batch;
pub(super) mod bundles;
pub(super) mod changes;
pub(super) mod conflicts;
pub(super) mod created;
pub(super) mod feeds;
pub(super) mod hand_over;
pub(super) mod headcount;
pub(super) mod held;
pub(super) mod ids;
pub(super) mod imported;
pub(super) mod lock_down;
pub(super) mod pins;
pub(super) mod plans;
pub(super) mod run_row;
pub(super) mod runs;
pub(super) mod shares;
pub(super) mod stop;
pub(super) mod suspend_here;
pub(super) mod undo;

//! Read the sync log and the state of a sync:
//!
//! - `log`: runs, their changes to accounts, and the people who wait for an administrator
//! - `differences`: what differs before and after a change
//! - `export`: the changes as a file
//! - `views`: what commands and pages show of them
//! - `waiting`: the people who wait for an administrator, by pages
//! - `status`: how far a directory has been synced
//! - [`in_json`]: the same as JSON

mod differences;
mod export;
pub mod in_json;
pub(in crate::flow::sync) mod log;
mod status;
mod views;
mod waiting;

pub use self::differences::{FieldChange, differences, login_name};
pub use self::export::export;
pub use self::log::{LogKind, LogPage, LogQuery, changes_page, read};
pub use self::status::{SyncStatus, frequency, sync_status};
pub use self::views::{
    ChangeView, ConflictView, Differing, HeldView, LossView, PlannedView, RunCount, RunState, RunView,
    ShortfallView, ValuesView, counted, snapshot,
};
pub use self::waiting::{ConflictPage, HeldPage, conflicts_page, held_page};

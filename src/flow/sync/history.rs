//! Read the sync log and the state of a sync:
//!
//! - `log`: runs, their changes to accounts, and the people who wait for an administrator
//! - `differences`: what differs before and after a change
//! - `status`: how far a directory has been synced
//! - [`in_json`]: the same as JSON

mod differences;
pub mod in_json;
mod log;
mod status;

pub use self::differences::{FieldChange, differences, login_name};
pub use self::log::{LogPage, LogQuery, read};
pub use self::status::{SyncStatus, frequency, sync_status};

//! The changes of OpenLDAP and 389-DS, by content synchronization (RFC 4533).

mod messages;
mod stream;
mod sync_repl;

pub(super) use sync_repl::{NotServed, SyncRepl};

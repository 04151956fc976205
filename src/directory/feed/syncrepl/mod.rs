//! The changes of OpenLDAP and 389-DS, by content synchronization (RFC 4533).

mod messages;
mod stream;
mod sync_repl;

pub(crate) use sync_repl::NotServed;
pub use sync_repl::SyncRepl;

//! What one read of a directory reports: from where to where, and why everything was read.

use crate::domain::cursor::Cursor;
use crate::domain::shortfall::Shortfall;
use crate::flow::sync::orphaned::ReadById;

/// How the mirror was brought up to date, for the log of runs.
#[derive(Clone, Debug, Default)]
pub(super) struct MirrorUpdate {
    pub from: Option<Cursor>,
    pub to: Option<Cursor>,
    /// Why everything was read, if it was.
    pub reason: Option<String>,
    /// Why no better feed was used.
    pub shortfalls: Vec<Shortfall>,
    /// Check every account, also without an entry in the mirror: all was read, or the rules changed.
    pub every_account: bool,
    /// What the directory returned for entries read by id.
    pub asked: ReadById,
}

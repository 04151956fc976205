//! A batch of decisions that is being written in one transaction.

use std::collections::HashSet;

use crate::domain::Millis;
use crate::domain::entry::{DirectoryId, EntryId};

use super::changes::ChangeOrigin;
use super::ids::RunId;
use crate::store::engine::sql::Tx;

/// A batch that is being written.
pub(in crate::store) struct Batch<'a> {
    pub tx: Tx,
    pub run: Option<RunId>,
    pub directory: &'a DirectoryId,
    /// Entries whose accounts are seen but not confirmed: their sessions are judged on a live read.
    pub unconfirmed: HashSet<EntryId>,
    /// Email addresses that accounts no longer have.
    pub freed: HashSet<String>,
    /// Entries that got an account from another process meanwhile.
    pub rejudge: Vec<EntryId>,
    pub now: Millis,
}

impl<'a> Batch<'a> {
    pub(in crate::store) fn origin(&self) -> ChangeOrigin<'a> {
        ChangeOrigin { run: self.run, directory: self.directory, at: self.now }
    }

    pub(in crate::store) fn run(&self) -> Option<i64> {
        self.run.map(|run| run.0)
    }
}

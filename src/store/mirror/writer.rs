//! A page that is being written: the transaction, and what the page affects beyond the rows that it writes.

use std::collections::HashSet;

use crate::domain::entry::{DirectoryId, EntryId};
use crate::store::engine::sql::Tx;

use super::stored::StoredObject;
use super::{Mirrored, MirroredKind, ScanId};

/// A page that is being written.
pub(super) struct PageWriter<'a> {
    pub tx: Tx,
    pub directory: &'a DirectoryId,
    /// The version of the mirror with this page in it.
    pub version: i64,
    /// The number of the scan, which everything shown now gets.
    pub scan: ScanId,
    /// Whether the page belongs to a full scan, which shows every object at its place.
    pub in_scan: bool,
    /// Whether to find the groups that list an old name: not for pages of a scan before its people, whose
    /// groups come later or are on the page.
    pub finds_rereads: bool,
    /// Objects that the scan had not shown before.
    pub newly_seen: u64,
    pub affected: Affected,
    pub names: Names,
    pub done: Mirrored,
}

/// What a page affects, beyond the rows that it wrote.
#[derive(Default)]
pub(super) struct Affected {
    /// People who were written, which marks them.
    pub written: HashSet<EntryId>,
    /// Members that were added or removed, as groups name them.
    pub members: HashSet<Vec<u8>>,
    /// Groups whose members, at any depth, are to be judged.
    pub groups: HashSet<EntryId>,
    /// SIDs of groups that may be a person's primary group.
    pub sids: HashSet<String>,
    /// Email addresses that a person had and no longer has.
    pub emails_left: HashSet<String>,
    /// Email addresses that a person has now.
    pub emails_taken: HashSet<String>,
}

/// Names that objects gave up in this page, as paths.
#[derive(Default)]
pub(super) struct Names {
    /// Of objects that have nothing below them.
    pub single: Vec<Vec<u8>>,
    /// Of objects that may have.
    pub trees: Vec<Vec<u8>>,
    /// Of containers that are gone.
    pub emptied: Vec<Vec<u8>>,
}

impl Names {
    /// The object no longer has its name, nor do the objects below it.
    pub fn left(&mut self, stored: &StoredObject) {
        match stored.kind {
            MirroredKind::Person => self.single.push(stored.path.clone()),
            MirroredKind::Group | MirroredKind::Container => self.trees.push(stored.path.clone()),
        }
    }
}

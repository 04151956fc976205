//! The decision for one entry, and what was done.

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::entry::EntryId;
use crate::domain::history::ChangeKind;
use crate::domain::reconcile::{Conflict, Outcome};

/// What is to be done for one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryOutcome {
    pub entry: EntryId,
    /// Names the person in a conflict.
    pub login_name: String,
    pub outcome: Outcome,
    /// When the password was set, by the directory's clock: for an account that is created or linked.
    pub password_changed_at: Option<Millis>,
}

/// What was done for one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedEntry {
    pub entry: EntryId,
    /// Its account, if it has one.
    pub account: Option<AccountId>,
    pub kind: AppliedKind,
    /// Why the person could not be created or updated.
    pub conflict: Option<Conflict>,
    /// How many memberships of Team Shares were added.
    pub shares_joined: u64,
    pub shares_left: u64,
}

impl AppliedEntry {
    /// Combines the second attempt for an entry that had a conflict at the first: reported as one, with the
    /// kind of the attempt that did something.
    #[must_use]
    pub fn after(self, first: &Self) -> Self {
        let kind = if first.kind.change().is_none() { self.kind } else { first.kind };
        let shares_joined = self.shares_joined + first.shares_joined;
        let shares_left = self.shares_left + first.shares_left;
        Self { kind, shares_joined, shares_left, ..self }
    }
}

/// What was done to the account of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppliedKind {
    /// There is no account, and none is needed.
    Ignored,
    /// Seen and unchanged.
    Kept,
    /// Unchanged, and different from its entry: the guard holds what would be taken from it.
    Held,
    Created,
    /// Linked to its entry.
    Linked,
    Updated,
    /// Suspended; its sessions and grants ended.
    Suspended,
    Reactivated,
    /// The account was changed since the decision was made; the next run decides again.
    Overtaken,
}

impl AppliedKind {
    /// How the account's history names it, if anything was changed.
    pub(in crate::store) fn change(self) -> Option<ChangeKind> {
        match self {
            Self::Created => Some(ChangeKind::Created),
            Self::Linked => Some(ChangeKind::Linked),
            Self::Updated => Some(ChangeKind::Updated),
            Self::Suspended => Some(ChangeKind::Suspended),
            Self::Reactivated => Some(ChangeKind::Reactivated),
            Self::Ignored | Self::Kept | Self::Held | Self::Overtaken => None,
        }
    }
}

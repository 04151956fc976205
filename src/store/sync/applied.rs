//! What a batch of decisions came to, entry by entry.

use crate::domain::account::AccountId;
use crate::domain::entry::EntryId;
use crate::domain::reconcile::Conflict;

/// What was done for one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    pub entry: EntryId,
    /// Its account, where there is one.
    pub account: Option<AccountId>,
    pub kind: AppliedKind,
    /// What holds the person back.
    pub conflict: Option<Conflict>,
    /// How many memberships of Team Shares came.
    pub shares_joined: u64,
    pub shares_left: u64,
}

impl Applied {
    /// The second look at an entry that was held back at the first: told as one, by whichever of the two did something.
    #[must_use]
    pub fn after(self, first: &Self) -> Self {
        let nothing = matches!(first.kind, AppliedKind::Ignored | AppliedKind::Kept | AppliedKind::Overtaken);
        let kind = if nothing { self.kind } else { first.kind };
        let shares_joined = self.shares_joined + first.shares_joined;
        let shares_left = self.shares_left + first.shares_left;
        Self { kind, shares_joined, shares_left, ..self }
    }
}

/// What was done to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppliedKind {
    /// No account, and none was due.
    Ignored,
    /// Seen, and left as it is.
    Kept,
    Created,
    /// Tied to its entry.
    Linked,
    /// Brought up to date.
    Updated,
    /// Switched off; its sessions and grants ended.
    Suspended,
    Reactivated,
    /// Somebody else changed the account since the decision was made; the next run decides anew.
    Overtaken,
}

impl AppliedKind {
    pub(in crate::store) fn as_str(self) -> &'static str {
        match self {
            Self::Ignored => "ignored",
            Self::Kept => "kept",
            Self::Created => "created",
            Self::Linked => "linked",
            Self::Updated => "updated",
            Self::Suspended => "suspended",
            Self::Reactivated => "reactivated",
            Self::Overtaken => "overtaken",
        }
    }
}

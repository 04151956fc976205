//! The circumstances of a decision, and what one attempt has seen so far.

use std::collections::{BTreeMap, BTreeSet};

use super::dialect::Dialect;
use super::request::{RemoteId, Seen};

/// The circumstances of a decision.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    pub dialect: &'a Dialect,
    /// Whether this is the id of a user whom an account here is delivered as.
    pub ours: &'a dyn Fn(&RemoteId) -> bool,
    /// Whether a found resource belongs to another account or Team Share here.
    pub taken: &'a dyn Fn(&Seen) -> bool,
}

/// What one search said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Look {
    #[default]
    Open,
    Nothing,
    /// The target does not search by this.
    Refused,
}

/// What was seen in one attempt. It is lost in a crash, and begins anew with each attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    pub(super) external: Look,
    pub(super) name: Look,
    pub(super) list: Look,
    pub(super) read: Option<Box<Seen>>,
    /// Whether it may be created again although it was there.
    pub(super) create_again: bool,
    /// Fewer members in one request than the dialect allows, after a refusal.
    pub(super) chunk: Option<usize>,
    /// Members that the target has refused, one by one.
    pub(super) refused: BTreeMap<RemoteId, String>,
    pub(super) members_read: bool,
    pub(super) setbacks: u32,
}

impl Sight {
    /// The sight of somebody who is not on the complete list of the target.
    #[must_use]
    pub fn unlisted() -> Self {
        Self { external: Look::Nothing, name: Look::Nothing, ..Self::default() }
    }

    /// Permits to create again what was there.
    pub fn create_again(&mut self) {
        self.create_again = true;
    }

    /// Forgets the searches.
    pub(super) fn look_again(&mut self) {
        (self.external, self.name, self.list) = (Look::Open, Look::Open, Look::Open);
    }
}

/// Members of a set, at most so many.
pub(super) fn some_of(most: usize, of: impl Iterator<Item = RemoteId>) -> BTreeSet<RemoteId> {
    of.take(most.max(1)).collect()
}

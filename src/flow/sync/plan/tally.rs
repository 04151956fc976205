//! Count what would be done to people, and how many of them the guard would hold.

use crate::domain::guard::Allowance;
use crate::domain::reconcile::Action;
use crate::flow::person::decided::DecidedPerson;
use crate::store::RunCounts;

/// What would be done, in numbers.
pub(in crate::flow::sync) struct Tally {
    allowance: Allowance,
    /// How many people would lose something.
    pub takes: u64,
    /// `held` counts the people whom the guard would hold.
    pub counts: RunCounts,
}

impl Tally {
    pub(in crate::flow::sync) fn new(allowance: Allowance) -> Self {
        Self { allowance, takes: 0, counts: RunCounts::default() }
    }

    /// Adds one person.
    pub(in crate::flow::sync) fn add(&mut self, one: &DecidedPerson) {
        let counts = &mut self.counts;
        counts.seen += 1;
        counts.conflicts += u64::from(one.outcome.conflict.is_some());
        counts.shares_joined += one.shares.joined.len() as u64;
        counts.shares_left += one.shares.left.len() as u64;
        match &one.outcome.action {
            Action::Keep(_) => counts.kept += 1,
            Action::Ignore => {}
            Action::Create(_) => counts.created += 1,
            Action::Link(..) => counts.linked += 1,
            Action::Update(..) => counts.updated += 1,
            Action::Suspend(..) => counts.suspended += 1,
            Action::Reactivate(..) => counts.reactivated += 1,
        }
        let Some(account) = one.account.as_ref().filter(|_| one.takes()) else { return };
        self.takes += 1;
        counts.held += u64::from(!self.allowance.take(&account.id));
    }
}

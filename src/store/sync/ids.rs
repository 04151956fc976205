//! The numbers of runs and plans; what starts a run, and what that means for it.

use std::fmt;

/// The number of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunId(pub i64);

/// The number of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlanId(pub i64);

/// What started a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunTrigger {
    /// The start of the process that watches the directory.
    Start,
    /// The directory reported a change.
    Change,
    Schedule,
    /// The expiry date of an entry.
    Expiry,
    Command,
    /// A command for one person.
    Person,
    /// The directory is read, and nobody is judged.
    Read,
    /// A plan is made.
    Plan,
    /// Changes that the guard holds were approved, for some people.
    Approval,
    /// This plan is applied.
    Apply(PlanId),
    /// This run is reverted.
    Undo(RunId),
}

/// Who decides how much a run may take from people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mandate {
    /// The guard, which counts those who lose something.
    ByGuard,
    /// An administrator, who has reviewed these changes: the guard neither limits nor counts them.
    ByAdministrator,
    /// Nothing is taken: the changes are only listed.
    Preview,
}

/// How much of a directory a run covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunKind {
    /// Everybody who may have changed; after it the directory counts as imported.
    Complete,
    /// Some people.
    Partial,
}

/// The triggers without a number, and their words. Older versions wrote the last one.
const WORDS: [(RunTrigger, &str); 10] = [
    (RunTrigger::Start, "start"),
    (RunTrigger::Change, "change"),
    (RunTrigger::Schedule, "schedule"),
    (RunTrigger::Expiry, "expiry"),
    (RunTrigger::Command, "command"),
    (RunTrigger::Person, "person"),
    (RunTrigger::Read, "read"),
    (RunTrigger::Plan, "plan"),
    (RunTrigger::Approval, "approval"),
    (RunTrigger::Start, "first start"),
];

impl RunTrigger {
    /// Who decides how much such a run may take from people.
    #[must_use]
    pub fn mandate(self) -> Mandate {
        match self {
            Self::Approval | Self::Apply(_) | Self::Undo(_) => Mandate::ByAdministrator,
            Self::Read | Self::Plan => Mandate::Preview,
            Self::Start | Self::Change | Self::Schedule | Self::Expiry | Self::Command | Self::Person => {
                Mandate::ByGuard
            }
        }
    }

    pub(in crate::store) fn parse(text: &str) -> Option<Self> {
        let known = WORDS.iter().find(|(_, word)| *word == text).map(|(trigger, _)| *trigger);
        let number = |prefix: &str| text.strip_prefix(prefix)?.parse::<i64>().ok();
        known
            .or_else(|| number("plan ").map(|id| Self::Apply(PlanId(id))))
            .or_else(|| number("undo of run ").map(|id| Self::Undo(RunId(id))))
    }
}

impl fmt::Display for RunTrigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apply(PlanId(plan)) => write!(f, "plan {plan}"),
            Self::Undo(RunId(run)) => write!(f, "undo of run {run}"),
            one => f.write_str(WORDS.iter().find(|(known, _)| known == one).map_or("", |(_, word)| word)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trigger_is_read_as_it_was_written_and_has_its_mandate() {
        let numbered = [RunTrigger::Apply(PlanId(7)), RunTrigger::Undo(RunId(8))];
        for trigger in WORDS.map(|(trigger, _)| trigger).into_iter().chain(numbered) {
            assert_eq!(RunTrigger::parse(&trigger.to_string()), Some(trigger));
        }
        assert_eq!(RunTrigger::parse("first start"), Some(RunTrigger::Start), "of an older version");
        assert_eq!(numbered.map(RunTrigger::mandate), [Mandate::ByAdministrator; 2]);
        assert_eq!(RunTrigger::Approval.mandate(), Mandate::ByAdministrator);
        assert_eq!([RunTrigger::Read, RunTrigger::Plan].map(RunTrigger::mandate), [Mandate::Preview; 2]);
        assert_eq!(RunTrigger::Person.mandate(), Mandate::ByGuard);
        for unknown in ["", "plan x", "undo of run ", "moon"] {
            assert_eq!(RunTrigger::parse(unknown), None);
        }
    }
}

//! Setting up from nothing to the first sign-in, step by step. What is done is seen in what is stored, so the
//! steps can be left and entered at any time, on any node.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::admin::Role;
use crate::domain::audit::Decision;
use crate::domain::entry::DirectoryId;
use crate::domain::settings::{Required, Settings};
use crate::flow::admin::settings::stored;
use crate::flow::installation::context::PanelParts;
use crate::flow::installation::fault::Fault;
use crate::store::{AuditConditions, AuditFilter, AuditRow};

/// How many entries of admins are looked through for an owner.
const LATEST_ENTRIES: u32 = 100;

/// A step, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SetUpStep {
    /// Connect a directory.
    Directory,
    /// Read it, so that there is a tree to choose from.
    Read,
    /// Choose OUs and groups, and see who would get an account.
    Scope,
    InitialSync,
    /// Enter CloudSync as an application.
    CloudSync,
    /// Name the group of owners, and enter as one of them: from then on no link of the server is needed.
    Owners,
    /// Decide who needs a second factor.
    SecondFactor,
    /// Sign in once.
    Test,
}

impl SetUpStep {
    /// All steps.
    pub const ALL: [Self; 8] = [
        Self::Directory,
        Self::Read,
        Self::Scope,
        Self::InitialSync,
        Self::CloudSync,
        Self::Owners,
        Self::SecondFactor,
        Self::Test,
    ];

    /// True for a step that may be left out.
    #[must_use]
    pub fn is_optional(self) -> bool {
        self == Self::SecondFactor
    }

    /// Its number, from 1.
    #[must_use]
    pub fn number(self) -> usize {
        Self::ALL.iter().take_while(|step| **step != self).count() + 1
    }
}

/// What is stored, as far as the steps depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct SetUpFacts {
    pub directory: bool,
    /// The directory was read completely.
    pub read: bool,
    pub scope: bool,
    pub imported: bool,
    pub client: bool,
    /// A group of owners is named, and an owner has entered the panel.
    pub owners: bool,
    pub second_factor: bool,
    pub signed_in: bool,
}

impl SetUpFacts {
    /// True if nothing is left to do for a step.
    #[must_use]
    pub fn is_done(self, step: SetUpStep) -> bool {
        match step {
            SetUpStep::Directory => self.directory,
            SetUpStep::Read => self.read,
            SetUpStep::Scope => self.scope,
            SetUpStep::InitialSync => self.imported,
            SetUpStep::CloudSync => self.client,
            SetUpStep::Owners => self.owners,
            SetUpStep::SecondFactor => self.second_factor,
            SetUpStep::Test => self.signed_in,
        }
    }

    /// The first step that has to be done; `None` once everything is set up.
    #[must_use]
    pub fn next(self) -> Option<SetUpStep> {
        SetUpStep::ALL.into_iter().find(|step| !step.is_optional() && !self.is_done(*step))
    }

    /// The first of these steps that is not done; the last one if all are.
    #[must_use]
    pub fn current(self, steps: &[SetUpStep]) -> Option<SetUpStep> {
        steps.iter().find(|step| !self.is_done(**step)).or(steps.last()).copied()
    }

    /// The step to take after this one: one that was left out before it, or the next one that is not done.
    #[must_use]
    pub fn after(self, step: SetUpStep) -> Option<SetUpStep> {
        let follows = |other: &SetUpStep| *other != step && !self.is_done(*other);
        match self.next().filter(|next| *next != step) {
            Some(next) if next.number() < step.number() => Some(next),
            _ => SetUpStep::ALL.into_iter().skip(step.number()).find(follows),
        }
    }

    /// True if a step can be taken: what it builds on is there.
    #[must_use]
    pub fn can_begin(self, step: SetUpStep) -> bool {
        match step {
            SetUpStep::Directory | SetUpStep::CloudSync | SetUpStep::SecondFactor => true,
            SetUpStep::Read => self.directory,
            SetUpStep::Scope => self.directory && self.read,
            SetUpStep::InitialSync => self.directory && self.scope,
            SetUpStep::Owners => self.imported,
            SetUpStep::Test => self.imported && self.client,
        }
    }
}

/// Where setting up stands.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct SetUpView {
    pub facts: SetUpFacts,
    /// The directory that is set up: the first one that is not, or the first one.
    pub directory: String,
}

/// Reads where setting up stands.
pub async fn set_up(parts: &PanelParts) -> Result<SetUpView, Fault> {
    let settings = stored(parts).await?.settings;
    let store = &parts.login.store;
    let mut facts = of_settings(&settings);
    let mut shown: Option<DirectoryId> = None;
    for directory in &settings.directories {
        let read = store.sync().mirror_state(&directory.id).await?.scanned_at.is_some();
        let imported = store.sync().completed_at(&directory.id).await?.is_some();
        facts.read |= read;
        facts.imported |= imported;
        if !imported && shown.is_none() {
            shown = Some(directory.id.clone());
        }
    }
    facts.owners = settings.names_owners() && has_owner_entered(parts).await?;
    facts.signed_in = !latest(parts, Decision::SignedIn, 1).await?.is_empty();
    let shown = shown.or_else(|| settings.directories.first().map(|directory| directory.id.clone()));
    Ok(SetUpView { facts, directory: shown.map(|id| id.0).unwrap_or_default() })
}

fn of_settings(settings: &Settings) -> SetUpFacts {
    let chosen = |directory: &crate::domain::settings::Directory| {
        !directory.scope.organizational_units.is_empty() || !directory.scope.groups.is_empty()
    };
    SetUpFacts {
        directory: !settings.directories.is_empty(),
        scope: settings.directories.iter().any(chosen),
        client: !settings.clients.is_empty(),
        second_factor: matches!(settings.second_factor.required, Required::Everyone | Required::Groups),
        ..SetUpFacts::default()
    }
}

/// Whether an owner has entered by signing in, as far as the audit log goes back.
async fn has_owner_entered(parts: &PanelParts) -> Result<bool, Fault> {
    let entered = latest(parts, Decision::AdminEntered, LATEST_ENTRIES).await?;
    Ok(entered.iter().any(|row| row.role.as_deref() == Some(Role::Owner.as_str())))
}

/// The latest events of a kind.
async fn latest(parts: &PanelParts, decision: Decision, count: u32) -> Result<Vec<AuditRow>, Fault> {
    let decision = Some(decision.as_str().to_owned());
    let filter = AuditFilter::Where(AuditConditions { decision, ..AuditConditions::default() });
    Ok(parts.login.store.login().audit_page(None, count, &filter).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_follow_each_other_as_they_are_done() {
        let mut facts = SetUpFacts::default();
        let mut taken = Vec::new();
        while let Some(step) = facts.next() {
            assert!(facts.can_begin(step), "{step:?} follows from the steps before");
            taken.push(step);
            done(&mut facts, step);
            assert!(facts.is_done(step));
        }
        let required: Vec<_> = SetUpStep::ALL.into_iter().filter(|step| !step.is_optional()).collect();
        assert_eq!(taken, required);
    }

    fn done(facts: &mut SetUpFacts, step: SetUpStep) {
        match step {
            SetUpStep::Directory => facts.directory = true,
            SetUpStep::Read => facts.read = true,
            SetUpStep::Scope => facts.scope = true,
            SetUpStep::InitialSync => facts.imported = true,
            SetUpStep::CloudSync => facts.client = true,
            SetUpStep::Owners => facts.owners = true,
            SetUpStep::SecondFactor => facts.second_factor = true,
            SetUpStep::Test => facts.signed_in = true,
        }
    }

    #[test]
    fn each_step_leads_to_the_one_after_it_and_back_to_one_that_was_left_out() {
        use SetUpStep::{CloudSync, Directory, InitialSync, Owners, Read, Scope, SecondFactor, Test};
        let mut facts = SetUpFacts::default();
        assert_eq!((facts.after(Directory), facts.after(CloudSync)), (Some(Read), Some(Directory)));
        for step in [Directory, Read, Scope] {
            done(&mut facts, step);
        }
        assert_eq!((facts.after(Scope), facts.after(InitialSync)), (Some(InitialSync), Some(CloudSync)));
        let of_sync = [Read, Scope, InitialSync];
        assert_eq!(facts.current(&of_sync), Some(InitialSync));
        for step in [InitialSync, CloudSync, Owners] {
            done(&mut facts, step);
        }
        assert_eq!((facts.current(&of_sync), facts.current(&[])), (Some(InitialSync), None));
        assert_eq!((facts.after(Owners), facts.after(SecondFactor)), (Some(SecondFactor), Some(Test)));
        assert_eq!(facts.after(Test), None, "what is left may be left out");
        done(&mut facts, SecondFactor);
        done(&mut facts, Test);
        assert_eq!((facts.after(Test), facts.next()), (None, None));
    }

    #[test]
    fn a_step_waits_for_what_it_builds_on() {
        let nothing = SetUpFacts::default();
        for step in SetUpStep::ALL {
            let early = matches!(step, SetUpStep::Directory | SetUpStep::CloudSync | SetUpStep::SecondFactor);
            assert_eq!(nothing.can_begin(step), early, "{step:?}");
        }
        let settings = of_settings(&Settings::default());
        assert_eq!(settings, SetUpFacts { second_factor: settings.second_factor, ..SetUpFacts::default() });
    }
}

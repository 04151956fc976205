//! Setting up from nothing to the first sign-in, step by step. What is done is seen in what is stored, so the
//! steps can be left and entered at any time, on any node.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::audit::Decision;
use crate::domain::entry::DirectoryId;
use crate::domain::settings::{Required, Settings};
use crate::flow::admin::settings::stored;
use crate::flow::installation::context::PanelParts;
use crate::flow::installation::fault::Fault;
use crate::store::{AuditConditions, AuditFilter};

/// A step, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SetUpStep {
    /// Connect a directory.
    Directory,
    /// Choose OUs and groups.
    Scope,
    /// See who would get an account.
    Preview,
    InitialSync,
    /// Enter CloudSync as an application.
    CloudSync,
    /// Decide who needs a second factor.
    SecondFactor,
    /// Sign in once.
    Test,
    /// Name the group of owners, so that no link of the server is needed any more.
    Owners,
}

impl SetUpStep {
    /// All steps.
    pub const ALL: [Self; 8] = [
        Self::Directory,
        Self::Scope,
        Self::Preview,
        Self::InitialSync,
        Self::CloudSync,
        Self::SecondFactor,
        Self::Test,
        Self::Owners,
    ];

    /// True for a step that may be left out.
    #[must_use]
    pub fn is_optional(self) -> bool {
        self == Self::SecondFactor
    }
}

/// What is stored, as far as the steps depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct SetUpFacts {
    pub directory: bool,
    pub scope: bool,
    /// The directory was read completely.
    pub read: bool,
    pub imported: bool,
    pub client: bool,
    pub second_factor: bool,
    pub signed_in: bool,
    pub owners: bool,
}

impl SetUpFacts {
    /// True if nothing is left to do for a step.
    #[must_use]
    pub fn is_done(self, step: SetUpStep) -> bool {
        match step {
            SetUpStep::Directory => self.directory,
            SetUpStep::Scope => self.scope,
            SetUpStep::Preview => self.read,
            SetUpStep::InitialSync => self.imported,
            SetUpStep::CloudSync => self.client,
            SetUpStep::SecondFactor => self.second_factor,
            SetUpStep::Test => self.signed_in,
            SetUpStep::Owners => self.owners,
        }
    }

    /// The first step that has to be done; `None` once everything is set up.
    #[must_use]
    pub fn next(self) -> Option<SetUpStep> {
        SetUpStep::ALL.into_iter().find(|step| !step.is_optional() && !self.is_done(*step))
    }

    /// True if a step can be taken: what it builds on is there.
    #[must_use]
    pub fn can_begin(self, step: SetUpStep) -> bool {
        match step {
            SetUpStep::Directory | SetUpStep::CloudSync | SetUpStep::SecondFactor => true,
            SetUpStep::Scope => self.directory,
            SetUpStep::Preview | SetUpStep::InitialSync => self.directory && self.scope,
            SetUpStep::Test => self.imported && self.client,
            SetUpStep::Owners => self.imported,
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
    facts.signed_in = has_signed_in(parts).await?;
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
        owners: settings.names_owners(),
        ..SetUpFacts::default()
    }
}

/// Whether anybody has signed in, as far as the audit log goes back.
async fn has_signed_in(parts: &PanelParts) -> Result<bool, Fault> {
    let decision = Some(Decision::SignedIn.as_str().to_owned());
    let filter = AuditFilter::Where(AuditConditions { decision, ..AuditConditions::default() });
    Ok(!parts.login.store.login().audit_page(None, 1, &filter).await?.is_empty())
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
            match step {
                SetUpStep::Directory => facts.directory = true,
                SetUpStep::Scope => facts.scope = true,
                SetUpStep::Preview => facts.read = true,
                SetUpStep::InitialSync => facts.imported = true,
                SetUpStep::CloudSync => facts.client = true,
                SetUpStep::SecondFactor => facts.second_factor = true,
                SetUpStep::Test => facts.signed_in = true,
                SetUpStep::Owners => facts.owners = true,
            }
            assert!(facts.is_done(step));
        }
        let required: Vec<_> = SetUpStep::ALL.into_iter().filter(|step| !step.is_optional()).collect();
        assert_eq!(taken, required);
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

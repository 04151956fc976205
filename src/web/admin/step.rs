//! Where a page stands among the steps of setting up: it says so until everything is set up.

use std::borrow::Cow;

use super::address::{
    ADMINISTRATORS, APPLICATIONS, DIRECTORIES, SYNC_SETTINGS, TASKS, TEST_SSO, TWO_STEP, is_below, with_query,
};
use crate::flow::admin::set_up::{SetUpStep, SetUpView, set_up};
use crate::flow::installation::context::PanelParts;
use crate::flow::installation::fault::Fault;
use crate::web::pages::Language;

/// The steps that are done by tasks and with what they have read.
const OF_TASKS: [SetUpStep; 3] = [SetUpStep::Read, SetUpStep::Scope, SetUpStep::InitialSync];

/// Where a page stands among the steps.
#[derive(Clone, Debug)]
pub struct SetUpLine {
    pub step: SetUpStep,
    pub next: Option<SetUpStep>,
    /// The page of the next step; `None` while it can't be taken.
    pub address: Option<String>,
}

impl SetUpLine {
    /// "Step 3 of 8: Who is synced".
    #[must_use]
    pub fn text(&self, language: Language) -> Cow<'static, str> {
        let parts = [
            ("number", self.step.number().into()),
            ("count", SetUpStep::ALL.len().into()),
            ("title", language.text(step_words(self.step).0).into()),
        ];
        language.with_all("set-up-line", parts)
    }

    /// The title of the next step.
    #[must_use]
    pub fn next_title(&self, language: Language) -> Option<Cow<'static, str>> {
        self.next.map(|step| language.text(step_words(step).0))
    }
}

/// The line for the page at this path; `None` if it belongs to no step, or once everything is set up.
pub(super) async fn line(parts: &PanelParts, path: &str) -> Result<Option<SetUpLine>, Fault> {
    let is_task = is_below(TASKS, path);
    let steps = if is_task { OF_TASKS.to_vec() } else { steps_at(path) };
    if steps.is_empty() {
        return Ok(None);
    }
    let SetUpView { facts, directory } = set_up(parts).await?;
    if facts.next().is_none() {
        return Ok(None);
    }
    // A task has just done its step, or is about to.
    let done = steps.iter().rev().find(|step| is_task && facts.is_done(**step)).copied();
    let step = if is_task { done.or(steps.first().copied()) } else { facts.current(&steps) };
    Ok(step.map(|step| {
        let next = facts.after(step);
        let address = next.filter(|next| facts.can_begin(*next)).map(|next| address_of(next, &directory));
        SetUpLine { step, next, address }
    }))
}

/// The steps that are done on the page at this path, or on one below it.
fn steps_at(path: &str) -> Vec<SetUpStep> {
    let is_at = |step: &SetUpStep| place_of(*step) == path || is_below(place_of(*step), path);
    SetUpStep::ALL.into_iter().filter(is_at).collect()
}

/// The page on which a step is done.
fn place_of(step: SetUpStep) -> &'static str {
    match step {
        SetUpStep::Directory => DIRECTORIES,
        SetUpStep::Read | SetUpStep::Scope | SetUpStep::InitialSync => SYNC_SETTINGS,
        SetUpStep::CloudSync => APPLICATIONS,
        SetUpStep::Owners => ADMINISTRATORS,
        SetUpStep::SecondFactor => TWO_STEP,
        SetUpStep::Test => TEST_SSO,
    }
}

/// The address of the page on which a step is done.
pub(super) fn address_of(step: SetUpStep, directory: &str) -> String {
    let directory = if OF_TASKS.contains(&step) { directory } else { "" };
    with_query(place_of(step), &[("directory", directory)])
}

/// The keys of the title of a step, and of the text below it.
pub(in crate::web::admin) fn step_words(step: SetUpStep) -> (&'static str, &'static str) {
    match step {
        SetUpStep::Directory => ("set-up-directory", "set-up-directory.what"),
        SetUpStep::Read => ("set-up-read", "set-up-read.what"),
        SetUpStep::Scope => ("set-up-scope", "set-up-scope.what"),
        SetUpStep::InitialSync => ("set-up-initial-sync", "set-up-initial-sync.what"),
        SetUpStep::CloudSync => ("set-up-cloudsync", "set-up-cloudsync.what"),
        SetUpStep::Owners => ("set-up-owners", "set-up-owners.what"),
        SetUpStep::SecondFactor => ("set-up-second-factor", "set-up-second-factor.what"),
        SetUpStep::Test => ("set-up-test", "set-up-test.what"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_of_the_steps_know_their_steps() {
        use SetUpStep::{CloudSync, Directory, Owners, SecondFactor, Test};
        for (path, steps) in [
            ("/admin/settings/integrations/active-directory/configure", vec![Directory]),
            (SYNC_SETTINGS, OF_TASKS.to_vec()),
            ("/admin/settings/active-directory/sync-settings/plan/7", OF_TASKS.to_vec()),
            ("/admin/settings/integrations/single-sign-on/applications/new", vec![CloudSync]),
            (ADMINISTRATORS, vec![Owners]),
            (TWO_STEP, vec![SecondFactor]),
            (TEST_SSO, vec![Test]),
            ("/admin", Vec::new()),
            ("/admin/people", Vec::new()),
        ] {
            assert_eq!(steps_at(path), steps, "{path}");
        }
    }
}

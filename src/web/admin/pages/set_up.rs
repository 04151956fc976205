//! Setting up, step by step.

use std::borrow::Cow;

use askama::Template;

use crate::flow::admin::set_up::{SetUpStep, SetUpView};
use crate::web::admin::address::with_query;
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// The steps, each with its state and the page on which it is done.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/set-up.html")]
pub(in crate::web::admin) struct SetUpPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub view: SetUpView,
    /// For each step, in their order, the page on which it is done.
    pub places: [&'static str; SetUpStep::ALL.len()],
}

/// A step as the page shows it.
struct ShownStep {
    title: Cow<'static, str>,
    what: Cow<'static, str>,
    kind: &'static str,
    state: Cow<'static, str>,
    is_next: bool,
    /// `None` while the step can't be taken.
    address: Option<String>,
    link: Cow<'static, str>,
}

impl SetUpPage {
    fn is_complete(&self) -> bool {
        self.view.facts.next().is_none()
    }

    fn steps(&self) -> Vec<ShownStep> {
        let places = SetUpStep::ALL.into_iter().zip(self.places);
        places.map(|(step, place)| self.step(step, place)).collect()
    }

    fn step(&self, step: SetUpStep, place: &'static str) -> ShownStep {
        let (language, facts) = (self.language, self.view.facts);
        let (title, what) = words(step);
        let is_next = facts.next() == Some(step);
        let (kind, state, link) = match (facts.is_done(step), is_next) {
            (true, _) => ("good", "set-up.done", "set-up.look"),
            (false, true) => ("warn", "set-up.next", "set-up.go"),
            (false, false) if step.is_optional() => ("plain", "set-up.optional", "set-up.go"),
            (false, false) => ("plain", "set-up.later", "set-up.go"),
        };
        let address = facts.can_begin(step).then(|| {
            let is_of_directory =
                matches!(step, SetUpStep::Scope | SetUpStep::Preview | SetUpStep::InitialSync);
            let directory = if is_of_directory { self.view.directory.as_str() } else { "" };
            with_query(place, &[("directory", directory)])
        });
        ShownStep {
            title: language.text(title),
            what: language.text(what),
            kind,
            state: language.text(state),
            is_next,
            address,
            link: language.text(link),
        }
    }
}

/// The keys of its title, and of the text below it.
fn words(step: SetUpStep) -> (&'static str, &'static str) {
    match step {
        SetUpStep::Directory => ("set-up-directory", "set-up-directory.what"),
        SetUpStep::Scope => ("set-up-scope", "set-up-scope.what"),
        SetUpStep::Preview => ("set-up-preview", "set-up-preview.what"),
        SetUpStep::InitialSync => ("set-up-initial-sync", "set-up-initial-sync.what"),
        SetUpStep::CloudSync => ("set-up-cloudsync", "set-up-cloudsync.what"),
        SetUpStep::SecondFactor => ("set-up-second-factor", "set-up-second-factor.what"),
        SetUpStep::Test => ("set-up-test", "set-up-test.what"),
        SetUpStep::Owners => ("set-up-owners", "set-up-owners.what"),
    }
}

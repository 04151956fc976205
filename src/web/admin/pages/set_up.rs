//! Setting up, step by step.

use std::borrow::Cow;

use askama::Template;

use crate::flow::admin::set_up::{SetUpStep, SetUpView};
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::step::step_words;
use crate::web::pages::Language;

/// The steps, each with its state and the page on which it is done.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/set-up.html")]
pub(in crate::web::admin) struct SetUpPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub view: SetUpView,
    /// For each step, in their order, the page on which it is done.
    pub addresses: [String; SetUpStep::ALL.len()],
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
        let addresses = SetUpStep::ALL.into_iter().zip(&self.addresses);
        addresses.map(|(step, address)| self.step(step, address)).collect()
    }

    fn step(&self, step: SetUpStep, address: &str) -> ShownStep {
        let (language, facts) = (self.language, self.view.facts);
        let (title, what) = step_words(step);
        let is_next = facts.next() == Some(step);
        let (kind, state, link) = match (facts.is_done(step), is_next) {
            (true, _) => ("good", "set-up.done", "set-up.look"),
            (false, true) => ("warn", "set-up.next", "set-up.go"),
            (false, false) if step.is_optional() => ("plain", "set-up.optional", "set-up.go"),
            (false, false) => ("plain", "set-up.later", "set-up.go"),
        };
        let opens = self.frame.opens(address.split('?').next().unwrap_or_default());
        let address = (opens && facts.can_begin(step)).then(|| address.to_owned());
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

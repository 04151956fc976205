//! How far a lock-down is: what has ended here, and the answer of each client and service.

use std::borrow::Cow;

use askama::Template;

use super::person_action::PersonButton;
use crate::domain::lock_down::{LockDownState, StepState};
use crate::domain::{Millis, timestamp};
use crate::flow::account::lock_down_view::{LockDownStepView, LockDownView};
use crate::web::admin::address::{LOCK_DOWN_EVENTS, PERSON, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::when::ShownTime;
use crate::web::pages::{Language, Moment};

/// The page of a lock-down.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/lock-down.html")]
pub(in crate::web::admin) struct LockDownPage {
    pub language: Language,
    pub frame: AdminFrame,
    /// Of the person.
    pub name: String,
    /// Repeats what is not confirmed; `None` if the role can't, or nothing is open.
    pub again: Option<PersonButton>,
    /// True if the page loads itself again, where there is no script.
    pub refreshes: bool,
    pub part: LockDownPart,
}

/// The part of the page that changes as answers come.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/parts/lock-down.html")]
pub(in crate::web::admin) struct LockDownPart {
    pub language: Language,
    pub now: Millis,
    pub view: LockDownView,
}

impl LockDownPage {
    fn account(&self) -> &str {
        &self.part.view.names.account
    }

    fn person_url(&self) -> String {
        with_query(PERSON, &[("id", self.account())])
    }

    fn events_url(&self) -> String {
        with_query(LOCK_DOWN_EVENTS, &[("id", self.account())])
    }

    fn still_url(&self) -> String {
        with_query("", &[("id", self.account()), ("live", "off")])
    }
}

impl LockDownPart {
    /// The HTML.
    pub(in crate::web::admin) fn text(&self) -> String {
        self.render().unwrap_or_default()
    }

    fn state(&self) -> Cow<'static, str> {
        self.language.text(match self.view.state {
            LockDownState::Confirmed => "lock-down-confirmed",
            LockDownState::Waiting => "lock-down-waiting",
            LockDownState::Failed => "lock-down-failed",
        })
    }

    fn state_kind(&self) -> &'static str {
        match self.view.state {
            LockDownState::Confirmed => "good",
            LockDownState::Waiting => "plain",
            LockDownState::Failed => "trouble",
        }
    }

    fn ordered(&self) -> Cow<'static, str> {
        let when = Moment { at: self.view.at, now: self.now }.text(self.language);
        let fields = [("by", self.view.by.as_str().into()), ("when", when.into())];
        self.language.with_all("lock-down.ordered", fields)
    }

    fn stamp(&self) -> String {
        timestamp(self.view.at)
    }

    fn tokens_end(&self) -> ShownTime {
        ShownTime::new(self.view.access_tokens_end, self.now, self.language)
    }

    /// What has ended here, with its number.
    fn ended(&self) -> [(Cow<'static, str>, u64); 5] {
        let ended = self.view.ended;
        [
            ("lock-down-sessions", ended.sessions),
            ("lock-down-tokens", ended.refresh_families),
            ("lock-down-browsers", ended.remembered_browsers),
            ("lock-down-panel", ended.panel_sessions),
            ("lock-down-codes", ended.help_desk_codes),
        ]
        .map(|(key, many)| (self.language.text(key), many))
    }

    /// The steps of clients, and those of services, each with the title of its list.
    fn lists(&self) -> [(Cow<'static, str>, &[LockDownStepView], Cow<'static, str>); 2] {
        let (language, steps) = (self.language, &self.view.steps);
        [
            (
                language.text("lock-down-clients"),
                steps.clients.as_slice(),
                language.text("lock-down-clients.none"),
            ),
            (
                language.text("lock-down-services"),
                steps.services.as_slice(),
                language.text("lock-down-services.none"),
            ),
        ]
    }

    fn step(&self, step: &LockDownStepView) -> Cow<'static, str> {
        self.language.text(match step.state {
            StepState::Confirmed => "step-confirmed",
            StepState::NotThere => "step-not-there",
            StepState::Waiting => "step-waiting",
            StepState::Refused => "step-refused",
            StepState::Stopped => "step-stopped",
            StepState::GivenUp => "step-given-up",
            StepState::NotTold => "step-not-told",
        })
    }

    fn step_kind(&self, step: &LockDownStepView) -> &'static str {
        match step.state {
            StepState::Confirmed | StepState::NotThere => "good",
            StepState::Waiting => "plain",
            StepState::NotTold => "warn",
            StepState::Refused | StepState::Stopped | StepState::GivenUp => "trouble",
        }
    }
}

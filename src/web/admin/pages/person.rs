//! One person: what is stored, what the directory says, and what an admin can do.

use std::borrow::Cow;

use askama::Template;

use super::people::{status_key, status_kind};
use super::person_action::{PersonButton, PersonNotice};
use super::when::ShownTime;
use crate::domain::Millis;
use crate::domain::audit::GateRecord;
use crate::domain::gates::{Gate, Verdict};
use crate::flow::support::explain::{ExplainedPerson, ExplainedShare};
use crate::flow::support::people::PersonView;
use crate::flow::support::person_live::{AttemptView, LiveView};
use crate::web::admin::address::{HELP_DESK, PERSON, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::{Language, Moment};

/// The page of one person. Its forms post `account` to the paths of [`super::PersonAction`].
#[derive(Clone, Debug, Template)]
#[template(path = "admin/person.html")]
pub(in crate::web::admin) struct PersonPage {
    pub language: Language,
    pub now: Millis,
    pub frame: AdminFrame,
    pub notice: Option<PersonNotice>,
    /// None if there is no such account.
    pub shown: Option<ShownPerson>,
}

/// The person that a page shows.
#[derive(Clone, Debug)]
pub(in crate::web::admin) struct ShownPerson {
    pub view: PersonView,
    pub attempts: Vec<AttemptView>,
    /// None until the directory is asked.
    pub live: Option<LiveView>,
    pub buttons: Vec<PersonButton>,
}

/// A code to read out to a person.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/invitation.html")]
pub(in crate::web::admin) struct InvitationPage {
    pub language: Language,
    pub frame: AdminFrame,
    /// The page of the person.
    pub back: String,
    pub code: String,
    pub until: Moment,
}

impl InvitationPage {
    fn stamp(&self) -> String {
        crate::domain::timestamp(self.until.at)
    }
}

impl PersonPage {
    fn when(&self, at: &Millis) -> ShownTime {
        ShownTime::new(*at, self.now, self.language)
    }

    fn title(&self) -> Cow<'_, str> {
        match &self.shown {
            Some(shown) => shown.view.account.shown_name().into(),
            None => self.language.text("person-unknown"),
        }
    }

    fn status(&self, view: &PersonView) -> Cow<'static, str> {
        self.language.text(status_key(&view.account))
    }

    fn status_kind(&self, view: &PersonView) -> &'static str {
        status_kind(&view.account)
    }

    fn button(&self, button: &PersonButton) -> Cow<'static, str> {
        let [key, _] = button.action.keys();
        self.language.text(key)
    }

    fn button_what(&self, button: &PersonButton) -> Cow<'static, str> {
        let [_, key] = button.action.keys();
        self.language.text(key)
    }

    fn live_url(&self, view: &PersonView) -> String {
        with_query(PERSON, &[("id", &view.account.names.account), ("live", "1")]) + "#directory"
    }

    fn code_url(&self, code: &str) -> String {
        with_query(HELP_DESK, &[("code", code)])
    }

    fn answer(&self, person: &ExplainedPerson) -> Cow<'static, str> {
        self.language.text(if person.is_refused() { "person-refused" } else { "person-can-sign-in" })
    }

    fn attempt(&self, attempt: &AttemptView) -> Cow<'static, str> {
        self.language.text(if attempt.refused { "attempt-refused" } else { "attempt-good" })
    }

    fn gate(&self, record: &GateRecord) -> Cow<'static, str> {
        match Gate::parse(&record.gate) {
            Some(gate) => self.language.text(gate_key(gate)),
            None => record.gate.clone().into(),
        }
    }

    fn verdict_kind(&self, record: &GateRecord) -> &'static str {
        match record.verdict {
            Verdict::Passed => "good",
            Verdict::Failed => "trouble",
            Verdict::NotTried => "plain",
        }
    }

    fn verdict(&self, record: &GateRecord) -> Cow<'static, str> {
        self.language.text(match record.verdict {
            Verdict::Passed => "gate-passed",
            Verdict::Failed => "gate-failed",
            Verdict::NotTried => "gate-not-tried",
        })
    }

    fn share_state(&self, share: &ExplainedShare) -> Cow<'static, str> {
        self.language.text(match (share.leaving, &share.since) {
            (true, _) => "share-leaves",
            (false, Some(_)) => "share-stays",
            (false, None) => "share-joins",
        })
    }
}

fn gate_key(gate: Gate) -> &'static str {
    match gate {
        Gate::SsoEnabled => "gate-sso-enabled",
        Gate::Found => "gate-found",
        Gate::Bound => "gate-bound",
        Gate::Enabled => "gate-enabled",
        Gate::NotExpired => "gate-not-expired",
        Gate::PasswordAllowed => "gate-password-allowed",
        Gate::NotLocked => "gate-not-locked",
        Gate::PasswordUsable => "gate-password-usable",
        Gate::InScope => "gate-in-scope",
        Gate::MailPresent => "gate-mail-present",
        Gate::AccountExists => "gate-account-exists",
        Gate::MailMatches => "gate-mail-matches",
        Gate::NotSuspended => "gate-not-suspended",
    }
}

//! One person: what is stored, what the directory says, and what an admin can do.

use std::borrow::Cow;

use askama::Template;

use super::answer::AnswerPart;
use super::people::{status_key, status_kind};
use super::person_action::{PersonButton, PersonNotice};
use super::services::{cause_key, seconds_ago};
use crate::domain::Millis;
use crate::domain::delivery::RefusalCause;
use crate::flow::delivery::known::{AbsentBecause, KnownAtView, KnownState};
use crate::flow::support::people::PersonView;
use crate::flow::support::person_live::AttemptView;
use crate::web::admin::address::{HELP_DESK, LOCK_DOWN, SERVICE, service_url, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::{Language, Moment};

/// The page of one person. Its forms post `account` to the paths of [`super::PersonAction`].
#[derive(Clone, Debug, Template)]
#[template(path = "admin/person.html")]
pub(in crate::web::admin) struct PersonPage {
    pub language: Language,
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
    /// Whether the person can sign in.
    pub answer: AnswerPart,
    pub buttons: Vec<PersonButton>,
    /// How the person stands at each service that is delivered to.
    pub deliveries: Vec<KnownAtView>,
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

    fn button(&self, shown: &ShownPerson, button: &PersonButton) -> Cow<'static, str> {
        button.action.label(self.language, &shown.view)
    }

    fn button_what(&self, button: &PersonButton) -> Cow<'static, str> {
        let [_, key] = button.action.keys();
        self.language.text(key)
    }

    fn code_url(&self, code: &str) -> String {
        with_query(HELP_DESK, &[("code", code)])
    }

    fn delivery_kind(&self, one: &KnownAtView) -> &'static str {
        match one.state {
            KnownState::Delivered => "good",
            KnownState::Absent | KnownState::Waiting => "plain",
            KnownState::Quarantined => "trouble",
        }
    }

    fn delivery(&self, one: &KnownAtView) -> Cow<'static, str> {
        self.language.text(match one.state {
            KnownState::Delivered => "delivery-delivered",
            KnownState::Absent => "delivery-absent",
            KnownState::Waiting => "delivery-waiting",
            KnownState::Quarantined => "delivery-quarantined",
        })
    }

    /// How long ago, in seconds, if that is less than a minute.
    fn delivery_age(&self, at: &Millis) -> Option<Cow<'static, str>> {
        let seconds = seconds_ago(*at, self.frame.now)?;
        Some(self.language.with("delivery-seconds", "count", seconds))
    }

    /// Why a service does not have the person.
    fn delivery_why(&self, why: &AbsentBecause) -> Cow<'static, str> {
        self.language.text(match why {
            AbsentBecause::OtherDirectory => "delivery-absent.other-directory",
            AbsentBecause::NotLinked => "delivery-absent.not-linked",
            AbsentBecause::Suspended => "delivery-absent.suspended",
            AbsentBecause::NotNoted => "delivery-absent.not-noted",
        })
    }

    /// What to do about a quarantine.
    fn delivery_fix(&self, cause: &RefusalCause) -> Cow<'static, str> {
        self.language.text(&format!("{}.what", cause_key(*cause)))
    }

    /// The address of a service's page; `None` for a role that can't open it.
    fn service_url(&self, one: &KnownAtView) -> Option<String> {
        self.frame.opens(SERVICE).then(|| service_url(&one.service))
    }

    fn lock_down_url(&self, view: &PersonView) -> String {
        with_query(LOCK_DOWN, &[("id", &view.account.names.account)])
    }

    fn attempt(&self, attempt: &AttemptView) -> Cow<'static, str> {
        self.language.text(if attempt.refused { "attempt-refused" } else { "attempt-good" })
    }
}

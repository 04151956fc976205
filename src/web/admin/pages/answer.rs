//! Whether a person can sign in: what the directory says, the one thing to do, and account and entry beside each
//! other.

use std::borrow::Cow;

use askama::Template;
use serde::Serialize;
use utoipa::ToSchema;

use super::people::status_key;
use super::person_action::PersonButton;
use crate::domain::audit::GateRecord;
use crate::domain::gates::{Gate, Verdict};
use crate::domain::{Millis, parse_time};
use crate::flow::account::views::AccountView;
use crate::flow::support::compared::ComparedView;
use crate::flow::support::explain::{ExplainedPerson, ExplainedShare};
use crate::flow::support::person_live::LiveView;
use crate::web::admin::when::ShownTime;
use crate::web::pages::Language;

/// The answer for one person.
#[derive(Clone, Debug, Template, Serialize, ToSchema)]
#[template(path = "admin/parts/answer.html")]
pub(in crate::web::admin) struct AnswerPart {
    #[serde(skip)]
    pub language: Language,
    #[serde(skip)]
    pub now: Millis,
    /// None if there is no account.
    pub account: Option<AccountView>,
    /// None until the directory is asked.
    pub live: Option<LiveView>,
    pub fix: Option<ShownFix>,
    /// The address that asks the directory.
    #[serde(skip)]
    pub ask: String,
}

/// What to do, with the page or the button for it, as far as the admin may.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web::admin) struct ShownFix {
    /// The key of the text, such as `fix.sync-now`.
    pub what: &'static str,
    /// The key of where an entry is changed.
    #[serde(skip)]
    pub place: &'static str,
    /// True if the advice about the cause says more.
    #[serde(skip)]
    pub shows_advice: bool,
    /// True if nothing is to be done here but to ask the directory again.
    #[serde(skip)]
    pub asks_again: bool,
    /// An address and the key of its title.
    #[serde(skip)]
    pub link: Option<(String, &'static str)>,
    #[serde(skip)]
    pub button: Option<PersonButton>,
    #[serde(skip)]
    pub unit: Option<UnitButton>,
    /// Until when wrong passwords count.
    pub until: Option<String>,
    /// True if somebody with another role has to do it.
    pub ask_others: bool,
}

/// The button that adds the OU of a person to the sync scope.
#[derive(Clone, Debug)]
pub(in crate::web::admin) struct UnitButton {
    pub token: String,
    pub directory: String,
    /// Its distinguished name, and the lowest part of it.
    pub unit: String,
    pub name: String,
    /// The person, as typed.
    pub who: String,
}

impl ShownFix {
    /// With a button that adds an OU, which comes before the page where more can be chosen.
    pub(in crate::web::admin) fn with_unit(self, unit: Option<UnitButton>) -> Self {
        match unit {
            Some(_) => Self { what: "fix.select-unit", unit, ..self },
            None => self,
        }
    }
}

impl AnswerPart {
    fn when(&self, written: &str) -> ShownTime {
        ShownTime::new(parse_time(written).unwrap_or(self.now), self.now, self.language)
    }

    /// The answer from what is stored, until the directory is asked.
    fn stored(&self, account: &AccountView) -> Cow<'static, str> {
        match account.status {
            "active" => self.language.text("person-live.stored-yes"),
            _ => self.language.with("person-live.stored-no", "why", self.language.text(status_key(account))),
        }
    }

    /// True if this is the advice about the cause.
    pub(super) fn advises(&self, advice: &str) -> bool {
        matches!(&self.live, Some(LiveView::Answered { person, .. }) if person.advice == advice)
    }

    fn asks_in_box(&self) -> bool {
        self.fix.as_ref().is_some_and(|fix| fix.asks_again)
    }

    fn fix_text(&self, fix: &ShownFix) -> Cow<'static, str> {
        self.language.with(fix.what, "place", self.language.text(fix.place))
    }

    fn button(&self, button: &PersonButton) -> Cow<'static, str> {
        let [key, _] = button.action.keys();
        self.language.text(key)
    }

    fn answer(&self, person: &ExplainedPerson) -> Cow<'static, str> {
        self.language.text(if person.is_refused() { "person-refused" } else { "person-can-sign-in" })
    }

    /// The attribute in words: the profile has the names of its columns.
    fn attribute(&self, row: &ComparedView) -> String {
        match row.attribute {
            "email" => self.language.text("people.email").into_owned(),
            "login_name" => self.language.text("people.login").into_owned(),
            "name" => self.language.text("people.name").into_owned(),
            other => other.replace('_', " "),
        }
    }

    fn is_plain(&self, row: &ComparedView) -> bool {
        ["email", "login_name", "name"].contains(&row.attribute)
    }

    fn gate(&self, record: &GateRecord) -> Cow<'static, str> {
        gate_name(self.language, record)
    }

    fn verdict_kind(&self, record: &GateRecord) -> &'static str {
        match record.verdict {
            Verdict::Passed => "good",
            Verdict::Failed => "trouble",
            Verdict::NotTried => "plain",
        }
    }

    fn verdict(&self, record: &GateRecord) -> Cow<'static, str> {
        self.language.text(verdict_key(record.verdict))
    }

    fn share_state(&self, share: &ExplainedShare) -> Cow<'static, str> {
        self.language.text(match (share.leaving, &share.since) {
            (true, _) => "share-leaves",
            (false, Some(_)) => "share-stays",
            (false, None) => "share-joins",
        })
    }
}

/// What a check is called; its word if another version has stored it.
pub(super) fn gate_name(language: Language, record: &GateRecord) -> Cow<'static, str> {
    match Gate::parse(&record.gate) {
        Some(gate) => language.text(gate_key(gate)),
        None => record.gate.clone().into(),
    }
}

pub(super) fn verdict_key(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "gate-passed",
        Verdict::Failed => "gate-failed",
        Verdict::NotTried => "gate-not-tried",
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

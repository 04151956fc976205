//! The audit log, by conditions.

use std::borrow::Cow;
use std::collections::HashMap;

use askama::Template;

use super::answer::{gate_name, verdict_key};
use super::audit_detail::{ShownDetail, cause_of, event_label};
use super::changes::{OLDEST_FIRST, SortLink};
use crate::domain::audit::{Decision, GateRecord};
use crate::flow::account::views::AccountNames;
use crate::flow::support::audit_chain::ChainView;
use crate::flow::support::trail::{EventView, TrailPage};
use crate::web::admin::address::{AUDIT_LOG, PERSON, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::when::ShownTime;
use crate::web::pages::Language;

/// The conditions as they were typed.
#[derive(Clone, Debug, Default)]
pub(in crate::web::admin) struct TypedConditions {
    pub person: String,
    pub actor: String,
    pub decision: String,
    pub directory: String,
    pub from: String,
    pub until: String,
    /// [`OLDEST_FIRST`]; else the newest are first.
    pub order: String,
}

impl TypedConditions {
    fn fields(&self) -> [(&'static str, &str); 6] {
        [
            ("person", &self.person),
            ("actor", &self.actor),
            ("decision", &self.decision),
            ("directory", &self.directory),
            ("from", &self.from),
            ("until", &self.until),
        ]
    }

    pub(in crate::web::admin) fn oldest_first(&self) -> bool {
        self.order == OLDEST_FIRST
    }

    /// The address of the log with these conditions in this order, from the event `before` on.
    pub(in crate::web::admin) fn address(&self, before: &str) -> String {
        self.address_in(&self.order, before)
    }

    fn address_in(&self, order: &str, before: &str) -> String {
        let place = [("order", order), ("before", before)];
        let fields: Vec<(&str, &str)> = self.fields().into_iter().chain(place).collect();
        with_query(AUDIT_LOG, &fields)
    }
}

/// A condition that can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web::admin) enum AuditProblem {
    /// No account, or more than one, has the name.
    Name,
    Time,
}

/// The log. The form sends the conditions; the download posts them to `/admin/audit-log/export`.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/audit-log.html")]
pub(in crate::web::admin) struct AuditPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub typed: TypedConditions,
    pub problem: Option<AuditProblem>,
    pub view: TrailPage,
    /// The names of the accounts in the view.
    pub names: HashMap<String, AccountNames>,
    /// The token of the download, for those who may.
    pub export_token: Option<String>,
    pub chain: ChainView,
    /// The token of the button that asks for a check.
    pub check_token: String,
}

impl AuditPage {
    fn when(&self, event: &EventView) -> ShownTime {
        self.frame.when(&event.last_at.unwrap_or(event.at))
    }

    /// The decisions to choose from, and a typed one that another version has stored.
    fn decisions(&self) -> Vec<&str> {
        let typed = self.typed.decision.as_str();
        let unknown = (!typed.is_empty() && Decision::parse(typed).is_none()).then_some(typed);
        Decision::WORDS.iter().copied().chain(unknown).collect()
    }

    fn label(&self, word: &str) -> Cow<'static, str> {
        event_label(self.language, word)
    }

    fn cause(&self, event: &EventView) -> Option<&'static str> {
        cause_of(event)
    }

    fn gate(&self, record: &GateRecord) -> Cow<'static, str> {
        gate_name(self.language, record)
    }

    fn verdict(&self, record: &GateRecord) -> Cow<'static, str> {
        self.language.text(verdict_key(record.verdict))
    }

    fn problem_text(&self, problem: &AuditProblem) -> Cow<'static, str> {
        self.language.text(match problem {
            AuditProblem::Name => "audit-no-such-name",
            AuditProblem::Time => "audit-no-time",
        })
    }

    /// The name of an account, else its id.
    fn name<'a>(&'a self, account: &'a str) -> &'a str {
        self.names.get(account).map_or(account, |names| names.login_name.as_deref().unwrap_or(&names.email))
    }

    fn person_url(&self, account: &str) -> String {
        with_query(PERSON, &[("id", account)])
    }

    fn next_url(&self) -> Option<String> {
        self.view.next_before.map(|before| self.typed.address(&before.to_string()))
    }

    fn sort(&self) -> SortLink {
        let ascending = self.typed.oldest_first();
        let other = if ascending { "" } else { OLDEST_FIRST };
        SortLink { address: self.typed.address_in(other, ""), ascending }
    }

    fn detail(&self, event: &EventView) -> Option<ShownDetail> {
        event.detail.as_ref().map(ShownDetail::new).filter(|shown| *shown != ShownDetail::default())
    }
}

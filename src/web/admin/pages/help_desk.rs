//! What happened to a person, by the code on their page.

use std::borrow::Cow;

use askama::Template;

use super::audit_detail::event_label;
use crate::flow::support::explain::ExplainedDecision;
use crate::web::admin::address::{LOG_IN, PERSON, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// The form for a code, which it sends as `code`, and what is known of it.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/help-desk.html")]
pub(in crate::web::admin) struct HelpDeskPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub code: String,
    pub decisions: Vec<ExplainedDecision>,
}

impl HelpDeskPage {
    fn label(&self, decision: &ExplainedDecision) -> Cow<'static, str> {
        event_label(self.language, &decision.decision)
    }

    /// The page that says what to do for somebody without an account.
    fn cause_url(&self) -> String {
        with_query(LOG_IN, &[("who", &self.code)])
    }

    fn person_url(&self, decision: &ExplainedDecision) -> Option<String> {
        let account = decision.account.as_deref()?;
        Some(with_query(PERSON, &[("id", account), ("live", "1")]))
    }
}

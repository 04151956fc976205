//! "User can't log in": the cause and the button for a name or a support code.

use askama::Template;

use super::answer::AnswerPart;
use crate::flow::account::views::AccountView;
use crate::flow::support::explain::ExplainedDecision;
use crate::web::admin::address::{PERSON, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// The form for a name or a code, which it sends as `who`, and the answer.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/log-in.html")]
pub(in crate::web::admin) struct LogInPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub who: String,
    /// What happened, if a support code was typed.
    pub decisions: Vec<ExplainedDecision>,
    /// The accounts that have the name, if there are several.
    pub several: Vec<AccountView>,
    pub answer: Option<AnswerPart>,
}

impl LogInPage {
    /// True for an advice that the answer gives already.
    fn is_said(&self, advice: &str) -> bool {
        self.answer.as_ref().is_some_and(|answer| answer.advises(advice))
    }

    fn person_url(&self, account: &str) -> String {
        with_query(PERSON, &[("id", account), ("live", "1")])
    }
}

//! Test SSO: the steps, gates and claims of a sign-in.

use std::borrow::Cow;

use askama::Template;

use super::test_report::{StepResult, TestReport, TestStep};
use crate::domain::gates::{GateResult, Verdict};
use crate::flow::support::explain::ExplainedDecision;
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// What a page without a report says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web::admin) enum TestSsoNotice {
    /// The answer belongs to no test of this session that is under way.
    UnknownAnswer,
}

/// One gate of the person who has signed in.
#[derive(Clone, Debug)]
pub(in crate::web::admin) struct TestedGate {
    pub word: String,
    pub verdict: Verdict,
    pub evidence: String,
}

impl From<&GateResult> for TestedGate {
    fn from(result: &GateResult) -> Self {
        Self {
            word: result.gate.as_str().to_owned(),
            verdict: result.verdict,
            evidence: result.evidence.clone(),
        }
    }
}

/// The page, before and after a test.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/test-sso.html")]
pub(in crate::web::admin) struct TestSsoPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub csrf: String,
    pub notice: Option<TestSsoNotice>,
    pub report: Option<TestReport>,
    pub gates: Vec<TestedGate>,
    /// Refused sign-ins of tests.
    pub attempts: Vec<ExplainedDecision>,
}

impl TestSsoPage {
    fn step(&self, result: &StepResult) -> Cow<'static, str> {
        self.language.text(match result.step {
            TestStep::Discovery => "test-sso-discovery",
            TestStep::Authorization => "test-sso-authorization",
            TestStep::Answer => "test-sso-answer",
            TestStep::Exchange => "test-sso-exchange",
            TestStep::IdToken => "test-sso-id-token",
            TestStep::UserInfo => "test-sso-userinfo",
            TestStep::Revocation => "test-sso-revocation",
        })
    }

    /// What to do about a step that failed.
    fn fix(&self, result: &StepResult) -> Option<Cow<'static, str>> {
        let key = match result.step {
            _ if result.verdict != Verdict::Failed => return None,
            TestStep::Discovery => "test-sso-discovery.next",
            TestStep::Authorization => "test-sso-authorization.next",
            TestStep::Answer => "test-sso-answer.next",
            TestStep::Exchange => "test-sso-exchange.next",
            TestStep::IdToken => "test-sso-id-token.next",
            TestStep::UserInfo => "test-sso-userinfo.next",
            TestStep::Revocation => "test-sso-revocation.next",
        };
        Some(self.language.text(key))
    }

    fn verdict(&self, verdict: &Verdict) -> Cow<'static, str> {
        self.language.text(match verdict {
            Verdict::Passed => "test-sso-passed",
            Verdict::Failed => "test-sso-failed",
            Verdict::NotTried => "test-sso-not-reached",
        })
    }

    /// What the sign-in itself has just passed is not asked again.
    fn gate(&self, gate: &TestedGate) -> Cow<'static, str> {
        match gate.verdict {
            Verdict::NotTried => self.language.text("test-sso-not-again"),
            _ => self.verdict(&gate.verdict),
        }
    }

    fn verdict_kind(&self, verdict: &Verdict) -> &'static str {
        match verdict {
            Verdict::Passed => "good",
            Verdict::Failed => "trouble",
            Verdict::NotTried => "plain",
        }
    }

    fn is_unknown(&self) -> bool {
        self.notice == Some(TestSsoNotice::UnknownAnswer)
    }
}

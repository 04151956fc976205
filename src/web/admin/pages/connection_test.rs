//! The report of a connection test, and the manual's question about tests that fail.

use std::borrow::Cow;

use askama::Template;

use super::directory::configure_url;
use crate::domain::doctor::StageState;
use crate::domain::doctor::{Severity, Stage};
use crate::flow::admin::connection::{ConnectionReport, ReportedFinding, StageView, TestEnd};
use crate::flow::admin::directory::NamedDirectory;
use crate::web::admin::address::{
    CONFIGURE, CONNECTION_TROUBLE, DIRECTORIES, approval_path, connection_test_path, with_query,
};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// The report of a connection test.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/connection-test.html")]
pub(in crate::web::admin) struct ConnectionTestPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub part: ConnectionTestPart,
    /// True if the page loads itself again, where there is no script.
    pub refreshes: bool,
}

/// The part of the page that changes while the test runs.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/parts/connection-test.html")]
pub(in crate::web::admin) struct ConnectionTestPart {
    pub language: Language,
    pub draft: String,
    /// The token of saving in spite of the test.
    pub token: String,
    pub report: ConnectionReport,
    /// False once it was saved.
    pub can_save: bool,
}

impl ConnectionTestPage {
    fn list_url(&self) -> &'static str {
        DIRECTORIES
    }

    fn form_url(&self) -> String {
        with_query(CONFIGURE, &[("draft", &self.part.draft)])
    }

    fn events_url(&self) -> String {
        format!("{}/events", connection_test_path(&self.part.draft))
    }
}

impl ConnectionTestPart {
    fn stages(&self) -> Vec<StageView> {
        self.report.stages()
    }

    pub(in crate::web::admin) fn is_running(&self) -> bool {
        self.report.end.is_none()
    }

    /// True if it may be saved as it was tested: the test has passed, or may be overruled.
    fn offers_saving(&self) -> bool {
        self.can_save && (self.has_passed() || self.report.saves && self.report.may_be_overruled())
    }

    fn has_passed(&self) -> bool {
        self.report.end == Some(TestEnd::Passed)
    }

    fn save_url(&self) -> &'static str {
        CONFIGURE
    }

    fn stage(&self, view: &StageView) -> Cow<'static, str> {
        stage_name(self.language, view.stage)
    }

    fn state_kind(&self, view: &StageView) -> &'static str {
        stage_state(view.state).0
    }

    fn state(&self, view: &StageView) -> Cow<'static, str> {
        self.language.text(stage_state(view.state).1)
    }

    fn verdict_kind(&self, finding: &ReportedFinding) -> &'static str {
        verdict(finding.verdict).0
    }

    fn verdict(&self, finding: &ReportedFinding) -> Cow<'static, str> {
        self.language.text(verdict(finding.verdict).1)
    }

    fn needs_attention(&self, finding: &ReportedFinding) -> bool {
        finding.verdict >= Severity::Warning
    }

    /// True if the stage has findings that need no attention.
    fn has_quiet(&self, view: &StageView) -> bool {
        view.findings.iter().any(|one| !self.needs_attention(one))
    }

    fn quiet(&self, view: &StageView) -> Cow<'static, str> {
        let count = view.findings.iter().filter(|one| !self.needs_attention(one)).count();
        self.language.with("test.evidence", "count", count)
    }

    fn end_kind(&self) -> &'static str {
        match &self.report.end {
            None => "plain",
            Some(TestEnd::Passed | TestEnd::Saved | TestEnd::Unchanged) => "good",
            Some(TestEnd::Failed(_) | TestEnd::NotMade(_)) => "trouble",
            Some(TestEnd::NotSaved | TestEnd::Interrupted | TestEnd::Asked(_)) => "warn",
        }
    }

    fn end_title(&self) -> Cow<'static, str> {
        let language = self.language;
        match &self.report.end {
            None => language.text("test-running"),
            Some(TestEnd::Passed) => language.text("test-ended-passed"),
            Some(TestEnd::Saved) => language.text("test-ended-saved"),
            Some(TestEnd::Unchanged) => language.text("settings-unchanged"),
            Some(TestEnd::Failed(stage)) => {
                language.with("test-ended-failed", "stage", stage_name(language, *stage).into_owned())
            }
            Some(TestEnd::NotMade(_)) => language.text("test-ended-not-made"),
            Some(TestEnd::Asked(_)) => language.text("test-ended-asked"),
            Some(TestEnd::NotSaved) => language.text("test-ended-not-saved"),
            Some(TestEnd::Interrupted) => language.text("test-ended-interrupted"),
        }
    }

    fn end_text(&self) -> Cow<'static, str> {
        let saves = self.report.saves;
        self.language.text(match &self.report.end {
            None if saves => "test-running.saves",
            None => "test-running.what",
            Some(TestEnd::Passed) => "test-ended-passed.what",
            Some(TestEnd::Saved) => "test-ended-saved.what",
            Some(TestEnd::Unchanged) => "settings-unchanged.what",
            Some(TestEnd::Failed(_) | TestEnd::NotMade(_)) if saves => "test-ended-failed.saves",
            Some(TestEnd::Failed(_) | TestEnd::NotMade(_)) => "test-ended-failed.what",
            Some(TestEnd::Asked(_)) => "test-ended-asked.what",
            Some(TestEnd::NotSaved) => "test-ended-not-saved.what",
            Some(TestEnd::Interrupted) => "test-ended-interrupted.what",
        })
    }

    /// The request to another owner.
    fn request(&self) -> Option<String> {
        match &self.report.end {
            Some(TestEnd::Asked(id)) => Some(approval_path(id)),
            _ => None,
        }
    }

    /// Why it was not made, in English.
    fn why(&self) -> Option<&str> {
        match &self.report.end {
            Some(TestEnd::NotMade(why)) => Some(why),
            _ => None,
        }
    }

    /// The button that saves although the test has failed: it names what will not work.
    fn anyway(&self) -> Cow<'static, str> {
        self.language.text(match self.report.failed() {
            Some(Stage::Dns | Stage::Tcp | Stage::Tls | Stage::Bind | Stage::BaseDn) | None => {
                "test-save-anyway.nobody"
            }
            Some(Stage::Rights | Stage::ChangeFeed | Stage::Attributes) => "test-save-anyway.some",
        })
    }
}

/// The kind and the key of the state of a stage.
pub(super) fn stage_state(state: StageState) -> (&'static str, &'static str) {
    match state {
        StageState::Passed => ("good", "test-passed"),
        StageState::Warned => ("warn", "test-warned"),
        StageState::Failed => ("trouble", "test-failed-stage"),
        StageState::Waiting => ("plain", "test-waiting"),
        StageState::NotReached => ("plain", "test-not-reached"),
    }
}

/// The kind and the key of the verdict of a finding.
pub(super) fn verdict(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Ok => ("good", "test.verdict-good"),
        Severity::Info => ("plain", "test.verdict-info"),
        Severity::CantTell => ("plain", "test.verdict-unknown"),
        Severity::Warning => ("warn", "test.verdict-warning"),
        Severity::Error => ("trouble", "test.verdict-error"),
    }
}

/// What to do when a test fails.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/connection-trouble.html")]
pub(in crate::web::admin) struct ConnectionTroublePage {
    pub language: Language,
    pub frame: AdminFrame,
    /// `None` if the role can't test.
    pub token: Option<String>,
    pub directories: Vec<NamedDirectory>,
}

impl ConnectionTroublePage {
    fn action(&self) -> &'static str {
        CONNECTION_TROUBLE
    }

    fn url(&self, directory: &NamedDirectory) -> String {
        configure_url(&directory.id)
    }

    /// Each stage with what it needs.
    fn advice(&self) -> [(Cow<'static, str>, Cow<'static, str>); 8] {
        Stage::ALL.map(|stage| {
            let advice = match stage {
                Stage::Dns => "stage-dns.next",
                Stage::Tcp => "stage-tcp.next",
                Stage::Tls => "stage-tls.next",
                Stage::Bind => "stage-bind.next",
                Stage::BaseDn => "stage-base-dn.next",
                Stage::Rights => "stage-rights.next",
                Stage::ChangeFeed => "stage-change-feed.next",
                Stage::Attributes => "stage-attributes.next",
            };
            (stage_name(self.language, stage), self.language.text(advice))
        })
    }
}

fn stage_name(language: Language, stage: Stage) -> Cow<'static, str> {
    language.text(match stage {
        Stage::Dns => "stage-dns",
        Stage::Tcp => "stage-tcp",
        Stage::Tls => "stage-tls",
        Stage::Bind => "stage-bind",
        Stage::BaseDn => "stage-base-dn",
        Stage::Rights => "stage-rights",
        Stage::ChangeFeed => "stage-change-feed",
        Stage::Attributes => "stage-attributes",
    })
}

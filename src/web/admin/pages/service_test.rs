//! The report of the test of a service.

use std::borrow::Cow;

use askama::Template;

use super::connection_test::{stage_state, verdict};
use crate::domain::doctor::Severity;
use crate::domain::service_test::ServiceStage;
use crate::flow::admin::service_test::{RunningServiceTest, ServiceTestEnd};
use crate::flow::delivery::service_test::{ReportedServiceFinding, ServiceStageView, service_stages};
use crate::web::admin::address::{SERVICES, service_test_path};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// The page of a test.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/service-test.html")]
pub(in crate::web::admin) struct ServiceTestPage {
    pub language: Language,
    pub frame: AdminFrame,
    /// The id under which the report is kept.
    pub draft: String,
    pub part: ServiceTestPart,
    /// True if the page loads itself again, where there is no script.
    pub refreshes: bool,
}

impl ServiceTestPage {
    fn events_url(&self) -> String {
        format!("{}/events", service_test_path(&self.draft))
    }

    fn list_url(&self) -> &'static str {
        SERVICES
    }
}

/// The part of the page that changes while the test runs.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/parts/service-test.html")]
pub(in crate::web::admin) struct ServiceTestPart {
    pub language: Language,
    pub report: RunningServiceTest,
}

impl ServiceTestPart {
    fn stages(&self) -> Vec<ServiceStageView> {
        service_stages(&self.report.findings, self.is_running(), self.report.round_trip)
    }

    pub(in crate::web::admin) fn is_running(&self) -> bool {
        self.report.end.is_none()
    }

    fn stage(&self, view: &ServiceStageView) -> Cow<'static, str> {
        self.language.text(stage_key(view.stage))
    }

    fn state_kind(&self, view: &ServiceStageView) -> &'static str {
        stage_state(view.state).0
    }

    fn state(&self, view: &ServiceStageView) -> Cow<'static, str> {
        self.language.text(stage_state(view.state).1)
    }

    fn verdict_kind(&self, finding: &ReportedServiceFinding) -> &'static str {
        verdict(finding.verdict).0
    }

    fn verdict(&self, finding: &ReportedServiceFinding) -> Cow<'static, str> {
        self.language.text(verdict(finding.verdict).1)
    }

    fn needs_attention(&self, finding: &ReportedServiceFinding) -> bool {
        finding.verdict >= Severity::Warning
    }

    /// True if the stage has findings that need no attention.
    fn has_quiet(&self, view: &ServiceStageView) -> bool {
        view.findings.iter().any(|one| !self.needs_attention(one))
    }

    fn quiet(&self, view: &ServiceStageView) -> Cow<'static, str> {
        let count = view.findings.iter().filter(|one| !self.needs_attention(one)).count();
        self.language.with("test.evidence", "count", count)
    }

    fn end_kind(&self) -> &'static str {
        match &self.report.end {
            None => "plain",
            Some(ServiceTestEnd::Passed) => "good",
            Some(ServiceTestEnd::Failed(_) | ServiceTestEnd::NotMade(_)) => "trouble",
            Some(ServiceTestEnd::TooSlow | ServiceTestEnd::Interrupted) => "warn",
        }
    }

    fn end_title(&self) -> Cow<'static, str> {
        let language = self.language;
        match &self.report.end {
            None => language.text("test-running"),
            Some(ServiceTestEnd::Passed) => language.text("test-ended-passed"),
            Some(ServiceTestEnd::Failed(stage)) => {
                let stage = language.text(stage_key(*stage)).into_owned();
                language.with("test-ended-failed", "stage", stage)
            }
            Some(ServiceTestEnd::TooSlow) => language.text("service-test-slow"),
            Some(ServiceTestEnd::NotMade(_)) => language.text("test-ended-not-made"),
            Some(ServiceTestEnd::Interrupted) => language.text("test-ended-interrupted"),
        }
    }

    fn end_text(&self) -> Cow<'static, str> {
        self.language.text(match &self.report.end {
            None => "test-running.what",
            Some(ServiceTestEnd::Passed) => "service-test-passed",
            Some(ServiceTestEnd::TooSlow) => "service-test-slow.what",
            Some(ServiceTestEnd::Failed(_) | ServiceTestEnd::NotMade(_)) => "test-ended-failed.what",
            Some(ServiceTestEnd::Interrupted) => "service-test-interrupted",
        })
    }

    /// Why it was not made, in English.
    fn why(&self) -> Option<&str> {
        match &self.report.end {
            Some(ServiceTestEnd::NotMade(why)) => Some(why),
            _ => None,
        }
    }

    /// What to do about a test user that may still be in the service.
    fn remains(&self) -> Option<Cow<'static, str>> {
        let name = self.report.remains.as_deref()?;
        Some(self.language.with("service-test.remains", "name", name))
    }
}

fn stage_key(stage: ServiceStage) -> &'static str {
    match stage {
        ServiceStage::Dns => "stage-dns",
        ServiceStage::Tcp => "stage-tcp",
        ServiceStage::Tls => "stage-tls",
        ServiceStage::Token => "service-stage-token",
        ServiceStage::Configuration => "service-stage-configuration",
        ServiceStage::Read => "service-stage-read",
        ServiceStage::RoundTrip => "service-stage-round-trip",
    }
}

//! What a test has found, for people and scripts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::doctor::{Finding, Severity, StageState};
use crate::domain::service_test::ServiceStage;
use crate::domain::settings::Provisioning;

/// At most so many characters of the evidence are shown, since services write parts of it.
const LONGEST_EVIDENCE: usize = 400;

/// A finding of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportedServiceFinding {
    pub stage: ServiceStage,
    /// The name of the check: a stable word for scripts.
    pub check: String,
    /// `host:port`, if it is about a connection.
    pub server: Option<String>,
    pub verdict: Severity,
    pub what: String,
    pub evidence: Option<String>,
    pub fix: Option<String>,
}

/// The report of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceTestReport {
    /// The id of the service.
    pub service: String,
    pub base_url: String,
    /// True if it came to its end and no stage failed.
    pub passed: bool,
    /// False if it took too long.
    pub complete: bool,
    pub failed_stage: Option<ServiceStage>,
    /// Whether a round trip was asked for.
    pub round_trip: bool,
    /// The user name of a test user that may still be in the service.
    pub remains: Option<String>,
    pub findings: Vec<ReportedServiceFinding>,
}

/// A stage of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ServiceStageView {
    pub stage: ServiceStage,
    pub state: StageState,
    pub findings: Vec<ReportedServiceFinding>,
}

/// Each stage with what was found in it; `runs`: the test has not ended. The round trip only if it was asked for.
#[must_use]
pub fn service_stages(
    findings: &[ReportedServiceFinding],
    runs: bool,
    round_trip: bool,
) -> Vec<ServiceStageView> {
    let stages =
        ServiceStage::ALL.into_iter().filter(|stage| round_trip || *stage != ServiceStage::RoundTrip);
    let view = |stage: ServiceStage| {
        let own: Vec<ReportedServiceFinding> =
            findings.iter().filter(|one| one.stage == stage).cloned().collect();
        let worst = own.iter().map(|one| one.verdict).max();
        ServiceStageView { stage, state: StageState::of(worst, runs), findings: own }
    };
    stages.map(view).collect()
}

/// Takes findings as they are made.
pub(super) struct Findings<'a> {
    show: &'a mut (dyn FnMut(&ReportedServiceFinding) + Send),
    all: Vec<ReportedServiceFinding>,
}

impl<'a> Findings<'a> {
    pub(super) fn new(show: &'a mut (dyn FnMut(&ReportedServiceFinding) + Send)) -> Self {
        Self { show, all: Vec::new() }
    }

    pub(super) fn found(&mut self, stage: ServiceStage, finding: Finding) {
        let Finding { check, server, verdict, what, evidence, fix } = finding;
        let evidence = evidence.map(shortened);
        let check = check.to_owned();
        let one = ReportedServiceFinding { stage, check, server, verdict, what, evidence, fix };
        (self.show)(&one);
        self.all.push(one);
    }

    /// The first stage that failed.
    pub(super) fn failed(&self) -> Option<ServiceStage> {
        let errors = self.all.iter().filter(|one| one.verdict == Severity::Error);
        errors.map(|one| one.stage).min()
    }

    pub(super) fn report(
        self,
        service: &Provisioning,
        (complete, round_trip): (bool, bool),
        remains: Option<String>,
    ) -> ServiceTestReport {
        let failed_stage = self.failed();
        ServiceTestReport {
            service: service.id.clone(),
            base_url: service.base_url.clone(),
            passed: complete && failed_stage.is_none(),
            complete,
            failed_stage,
            round_trip,
            remains,
            findings: self.all,
        }
    }
}

fn shortened(text: String) -> String {
    let printable = text.chars().map(|one| if one.is_control() { ' ' } else { one });
    let short: String = printable.take(LONGEST_EVIDENCE).collect();
    if text.chars().nth(LONGEST_EVIDENCE).is_some() { format!("{short}…") } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_the_first_failed_stage_and_short_evidence() {
        let mut shown = Vec::new();
        let mut show = |one: &ReportedServiceFinding| shown.push(one.clone());
        let mut found = Findings::new(&mut show);
        let long = Finding::new("users", Severity::Error, "x").seen("ü\n".repeat(LONGEST_EVIDENCE));
        found.found(ServiceStage::Read, long);
        found.found(ServiceStage::Token, Finding::new("token", Severity::Error, "y"));
        found.found(ServiceStage::Dns, Finding::new("name", Severity::Warning, "z").seen("short"));
        let report = found.report(&Provisioning::default(), (true, false), None);
        assert_eq!((report.passed, report.failed_stage), (false, Some(ServiceStage::Token)));
        assert_eq!(shown, report.findings);
        let evidence = report.findings[0].evidence.clone().unwrap_or_default();
        assert!(evidence.chars().count() == LONGEST_EVIDENCE + 1 && !evidence.contains('\n'), "{evidence}");
        assert_eq!(report.findings[2].evidence.as_deref(), Some("short"));
        let written = serde_json::to_string(&report).expect("JSON");
        assert_eq!(serde_json::from_str::<ServiceTestReport>(&written).expect("a report"), report);

        let stages = service_stages(&report.findings, false, false);
        let states: Vec<StageState> = stages.iter().map(|one| one.state).collect();
        use StageState::{Failed, NotReached, Warned};
        assert_eq!(states, [Warned, NotReached, NotReached, Failed, NotReached, Failed]);
        assert_eq!(service_stages(&[], true, true).len(), ServiceStage::ALL.len());
    }
}

//! What an admin has typed for the connection to a directory: kept for some minutes, sealed, so that no page
//! repeats a password. With it stands the report of its test. It belongs to one session.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::domain::doctor::{self, Finding, Severity, Stage, StageState, StagedFinding};
use crate::domain::{MINUTE, Millis};
use crate::flow::admin::draft;
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;

/// What it is kept as: no action has this path.
const CONNECTION: &str = "connection";
/// A test reports more often than this, so one that is silent for longer was interrupted.
const LONGEST_SILENCE: Millis = MINUTE / 2;

/// What was typed, with the report of its test.
pub struct ConnectionDraft {
    /// The form; it may contain passwords. `None` once it was saved.
    pub content: Option<Zeroizing<Vec<u8>>>,
    pub report: Option<ConnectionReport>,
}

/// The report of a test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionReport {
    /// True if the settings are saved once the test has passed.
    pub saves: bool,
    pub findings: Vec<ReportedFinding>,
    /// `None` while it runs.
    pub end: Option<TestEnd>,
}

/// A finding of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportedFinding {
    pub stage: Stage,
    pub server: Option<String>,
    pub verdict: Severity,
    pub what: String,
    pub evidence: Option<String>,
    pub fix: Option<String>,
    /// True if the server may not be connected to at all.
    pub not_allowed: bool,
}

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TestEnd {
    Passed,
    /// This stage failed; nothing was saved.
    Failed(Stage),
    /// It was not made, or not to the end, for this reason in English.
    NotMade(String),
    /// It passed, and the settings are in force.
    Saved,
    /// It passed, and there was nothing to save.
    Unchanged,
    /// It passed, and another owner has to approve the request with this id.
    Asked(String),
    /// It passed, but somebody else has saved meanwhile, or the settings can't be saved as they are.
    NotSaved,
    /// The process that tested was stopped, or its store was not available.
    Interrupted,
}

impl From<StagedFinding> for ReportedFinding {
    fn from(StagedFinding { stage, finding }: StagedFinding) -> Self {
        let Finding { check, server, verdict, what, evidence, fix } = finding;
        Self { stage, server, verdict, what, evidence, fix, not_allowed: check == doctor::NOT_ALLOWED }
    }
}

impl ConnectionReport {
    /// True if an admin may save in spite of the result. Not what a test may not connect to: once it was stored,
    /// this server would connect there by itself.
    #[must_use]
    pub fn may_be_overruled(&self) -> bool {
        let failed = matches!(self.end, Some(TestEnd::Failed(_) | TestEnd::NotMade(_)));
        failed && !self.findings.iter().any(|one| one.not_allowed)
    }

    /// The first stage that failed.
    #[must_use]
    pub fn failed(&self) -> Option<Stage> {
        let errors = self.findings.iter().filter(|one| one.verdict == Severity::Error);
        errors.map(|one| one.stage).min()
    }

    /// Each stage with what was found in it.
    #[must_use]
    pub fn stages(&self) -> Vec<StageView> {
        let stage = |stage: Stage| {
            let of_stage = self.findings.iter().filter(|one| one.stage == stage);
            let findings: Vec<ReportedFinding> = of_stage.cloned().collect();
            let worst = findings.iter().map(|one| one.verdict).max();
            let state = StageState::of(worst, self.end.is_none());
            StageView { stage, state, findings }
        };
        Stage::ALL.map(stage).into()
    }
}

/// A stage of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StageView {
    pub stage: Stage,
    pub state: StageState,
    pub findings: Vec<ReportedFinding>,
}

/// Keeps what was typed; returns its id. `None` if there is no room.
pub async fn keep(parts: &LoginParts, admin: &CheckedAdmin, content: &[u8]) -> Result<Option<String>, Fault> {
    draft::keep(parts, admin, CONNECTION, content).await
}

/// What this session has typed. `None` if it is too old, or belongs to somebody else.
pub async fn read(
    parts: &LoginParts,
    admin: &CheckedAdmin,
    id: &str,
) -> Result<Option<ConnectionDraft>, Fault> {
    let Some(found) = draft::tested(parts, admin, id, CONNECTION).await? else { return Ok(None) };
    let report = found.report.as_deref().and_then(|report| serde_json::from_str(report).ok());
    let report = report.map(|report: ConnectionReport| match report.end {
        None if parts.now() - found.reported_at > LONGEST_SILENCE => {
            ConnectionReport { end: Some(TestEnd::Interrupted), ..report }
        }
        _ => report,
    });
    Ok(Some(ConnectionDraft { content: found.content, report }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(stage: Stage, verdict: Severity) -> ReportedFinding {
        StagedFinding { stage, finding: Finding::new("x", verdict, "y").fix("z") }.into()
    }

    #[test]
    fn a_failed_test_may_be_overruled_but_not_an_address_that_is_not_allowed() {
        let report = |check, end| ConnectionReport {
            findings: vec![
                StagedFinding { stage: Stage::Tcp, finding: Finding::new(check, Severity::Error, "x") }
                    .into(),
            ],
            end: Some(end),
            ..ConnectionReport::default()
        };
        let failed = || TestEnd::Failed(Stage::Tcp);
        assert!(report("port", failed()).may_be_overruled());
        assert!(report("port", TestEnd::NotMade(String::new())).may_be_overruled());
        assert!(!report("port", TestEnd::Interrupted).may_be_overruled());
        assert!(!report(doctor::NOT_ALLOWED, failed()).may_be_overruled());
    }

    #[test]
    fn each_stage_shows_the_worst_of_its_findings() {
        use StageState::{Failed, NotReached, Passed, Waiting, Warned};
        let findings = vec![
            found(Stage::Tls, Severity::Ok),
            found(Stage::Dns, Severity::CantTell),
            found(Stage::Tcp, Severity::Warning),
            found(Stage::Tls, Severity::Error),
        ];
        let running = ConnectionReport { findings, ..ConnectionReport::default() };
        let states = |report: &ConnectionReport| -> Vec<StageState> {
            report.stages().into_iter().map(|one| one.state).collect()
        };
        let (reached, open) = ([Passed, Warned, Failed], [Waiting; 5]);
        assert_eq!(states(&running), [&reached[..], &open].concat());
        assert_eq!(running.failed(), Some(Stage::Tls));
        let ended = ConnectionReport { end: Some(TestEnd::Failed(Stage::Tls)), ..running };
        assert_eq!(states(&ended), [&reached[..], &[NotReached; 5]].concat());
    }

    #[test]
    fn a_report_is_read_as_it_was_written() {
        let report = ConnectionReport {
            saves: true,
            findings: Stage::ALL.map(|stage| found(stage, Severity::CantTell)).into(),
            end: Some(TestEnd::Failed(Stage::BaseDn)),
        };
        let written = serde_json::to_string(&report).expect("JSON");
        assert_eq!(serde_json::from_str::<ConnectionReport>(&written).expect("a report"), report);
    }
}

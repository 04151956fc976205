//! The stages of a connection test, from the name of a server to what can be read of people.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Finding, Severity};

/// A stage. Each needs those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Names and addresses of the servers.
    Dns,
    /// Connections to their ports.
    Tcp,
    /// StartTLS, the chain of certificates, and the host name in them.
    Tls,
    /// The service account's bind, and the server's clock.
    Bind,
    BaseDn,
    /// What the service account may read, besides people.
    Rights,
    /// How all people and their changes are read.
    ChangeFeed,
    /// The attributes of people.
    Attributes,
}

impl Stage {
    /// All stages in their order.
    pub const ALL: [Self; 8] = [
        Self::Dns,
        Self::Tcp,
        Self::Tls,
        Self::Bind,
        Self::BaseDn,
        Self::Rights,
        Self::ChangeFeed,
        Self::Attributes,
    ];
}

/// How far a stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageState {
    Waiting,
    Passed,
    Warned,
    Failed,
    /// A stage before it failed.
    NotReached,
}

impl StageState {
    /// By the worst verdict of the findings in it; `runs`: the test has not ended.
    #[must_use]
    pub fn of(worst: Option<Severity>, runs: bool) -> Self {
        match worst {
            Some(Severity::Error) => Self::Failed,
            Some(Severity::Warning) => Self::Warned,
            Some(_) => Self::Passed,
            None if runs => Self::Waiting,
            None => Self::NotReached,
        }
    }
}

/// Takes findings as they are made.
pub trait FindingSink {
    /// Takes one finding.
    fn found(&mut self, stage: Stage, finding: Finding);

    /// Takes several findings of one stage.
    fn all(&mut self, stage: Stage, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            self.found(stage, finding);
        }
    }
}

/// For the doctor, which shows all findings at the end.
impl FindingSink for Vec<Finding> {
    fn found(&mut self, _: Stage, finding: Finding) {
        self.push(finding);
    }
}

/// A finding with its stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StagedFinding {
    pub stage: Stage,
    #[serde(flatten)]
    pub finding: Finding,
}

/// The first stage that failed.
#[must_use]
pub fn failed<'a>(findings: impl IntoIterator<Item = &'a StagedFinding>) -> Option<Stage> {
    let errors = findings.into_iter().filter(|staged| staged.finding.verdict == Severity::Error);
    errors.map(|staged| staged.stage).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn staged(stage: Stage, verdict: Severity) -> StagedFinding {
        StagedFinding { stage, finding: Finding::new("x", verdict, "y") }
    }

    #[test]
    fn the_first_stage_with_an_error_failed() {
        assert!(Stage::ALL.is_sorted());
        assert_eq!(failed(&[]), None);
        let fine = [staged(Stage::Dns, Severity::Warning), staged(Stage::Bind, Severity::CantTell)];
        assert_eq!(failed(&fine), None);
        let two = [staged(Stage::Rights, Severity::Error), staged(Stage::Tls, Severity::Error)];
        assert_eq!(failed(&two), Some(Stage::Tls));
    }

    #[test]
    fn a_script_reads_the_stage_beside_the_finding() {
        let written = serde_json::to_value(staged(Stage::BaseDn, Severity::Ok)).expect("JSON");
        assert_eq!((&written["stage"], &written["check"]), (&"base_dn".into(), &"x".into()));
    }
}

//! The facts behind a decision, as the audit log keeps them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::bind::{BindOutcome, BindRefusal};
use crate::domain::gates::{Judgement, Verdict};

/// The facts behind a sign-in decision: enough to explain a failure later without asking the directory.
/// Stored as JSON; gates and codes are strings, so that events written by another version can still be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Detail {
    /// `host:port` of the server that answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The DN of the entry that was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// The result of the bind: `accepted`, or the sub-code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bind: Option<String>,
    /// The lockout budget, if a bind was about to be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// What happened about the second factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<String>,
    /// What failed, and the error text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// All gates in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub judgement: Vec<GateRecord>,
}

/// How much of the domain's lockout threshold was used up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Budget {
    /// Wrong passwords that count at this time.
    pub spent: u32,
    /// How many wrong passwords lock the account; 0: no limit.
    pub threshold: u32,
    /// Whether the person has signed in with this browser before.
    pub known_browser: bool,
}

/// One gate as stored in the audit trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GateRecord {
    pub gate: String,
    pub verdict: Verdict,
    pub evidence: String,
}

impl Detail {
    /// The JSON for [`Event::detail`](super::Event::detail).
    #[must_use]
    pub fn to_json(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// Parses the JSON. Older events hold the judgement alone.
    #[must_use]
    pub fn read(json: &str) -> Option<Self> {
        let judged = || serde_json::from_str(json).map(|judgement| Self { judgement, ..Self::default() });
        serde_json::from_str(json).or_else(|_| judged()).ok()
    }

    /// Adds all gates of a judgement.
    #[must_use]
    pub fn judged(mut self, judgement: &Judgement) -> Self {
        let record = judgement.gates().iter().map(|judged| GateRecord {
            gate: judged.gate.as_str().to_owned(),
            verdict: judged.verdict,
            evidence: judged.evidence.clone(),
        });
        self.judgement = record.collect();
        self
    }

    /// Keeps only the failed gate: enough to explain the refusal, and small enough for thousands of events.
    #[must_use]
    pub fn in_brief(mut self) -> Self {
        self.judgement.retain(|record| record.verdict == Verdict::Failed);
        self.judgement.truncate(1);
        self
    }

    /// Adds the result of the bind, and the server that gave it.
    #[must_use]
    pub fn bound(mut self, outcome: BindOutcome, server: Option<String>) -> Self {
        self.bind = Some(match outcome {
            BindOutcome::Accepted => ACCEPTED.to_owned(),
            BindOutcome::Refused(refusal) => format!("{:x}", refusal.sub_code()),
        });
        self.server = server;
        self
    }

    /// Why the bind was refused, if it was.
    #[must_use]
    pub fn refusal(&self) -> Option<BindRefusal> {
        u32::from_str_radix(self.bind.as_deref()?, 16).ok().map(BindRefusal::from_sub_code)
    }

    /// The evidence of a gate, or an empty text.
    #[must_use]
    pub fn evidence(&self, gate: &str) -> &str {
        self.judgement.iter().find(|record| record.gate == gate).map_or("", |record| &record.evidence)
    }

    /// The first gate that failed.
    #[must_use]
    pub fn shut(&self) -> Option<&GateRecord> {
        self.judgement.iter().find(|record| record.verdict == Verdict::Failed)
    }
}

const ACCEPTED: &str = "accepted";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::gates::JudgementMode;
    use crate::domain::samples::LoginSample;

    #[test]
    fn a_detail_is_parsed_as_it_was_written() {
        let scene = LoginSample { bind: None, ..LoginSample::default() };
        let refused = BindOutcome::Refused(BindRefusal::Disabled);
        let budget = Budget { spent: 1, threshold: 3, known_browser: true };
        let detail = Detail { entry: Some("CN=Alice".into()), budget: Some(budget), ..Detail::default() }
            .judged(&scene.judge(JudgementMode::Password))
            .bound(refused, Some("dc1:636".into()));
        let json = detail.to_json().expect("plain data");
        assert_eq!(Detail::read(&json).as_ref(), Some(&detail), "{json}");
        assert_eq!(detail.refusal(), Some(BindRefusal::Disabled));
        assert_eq!(detail.shut().map(|record| record.gate.as_str()), Some("bound"));
        assert_eq!(detail.evidence("bound"), "no bind was made for this entry");
        assert_eq!(detail.bound(BindOutcome::Accepted, None).refusal(), None);
    }

    #[test]
    fn events_of_other_versions_are_read_as_far_as_possible() {
        let before = r#"[{"gate":"found","verdict":"failed","evidence":"nobody"}]"#;
        assert_eq!(Detail::read(before).expect("a judgement alone").evidence("found"), "nobody");
        let later = r#"{"bind":"52e","moon":"full"}"#;
        assert_eq!(Detail::read(later).expect("more than we know").bind.as_deref(), Some("52e"));
        assert_eq!(Detail::read("nonsense"), None);
    }
}

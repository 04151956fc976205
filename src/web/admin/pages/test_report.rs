//! What a test of single sign-on has found, step by step. It never contains a token.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::domain::gates::Verdict;
use crate::domain::{SECOND, timestamp};

/// A step of a sign-in, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web::admin) enum TestStep {
    /// The document of the issuer and its keys.
    Discovery,
    /// The request that the browser was sent to.
    Authorization,
    /// The redirect back, with `state` and `iss`.
    Answer,
    /// The code for tokens.
    Exchange,
    /// Signature, issuer, audience, lifetime, nonce and hash of the access token.
    IdToken,
    UserInfo,
    /// The tokens are worthless from now on.
    Revocation,
}

impl TestStep {
    /// All steps, in their order.
    pub(in crate::web::admin) const ALL: [Self; 7] = [
        Self::Discovery,
        Self::Authorization,
        Self::Answer,
        Self::Exchange,
        Self::IdToken,
        Self::UserInfo,
        Self::Revocation,
    ];
}

/// The result of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::web::admin) struct StepResult {
    pub step: TestStep,
    pub verdict: Verdict,
    /// In English, for an administrator.
    pub evidence: Vec<String>,
}

/// A claim, by where it came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::web::admin) struct ShownClaim {
    pub name: String,
    pub id_token: Option<String>,
    pub userinfo: Option<String>,
}

/// A whole test.
#[derive(Clone, Debug, Default)]
pub(in crate::web::admin) struct TestReport {
    /// Those that were reached.
    done: Vec<StepResult>,
    /// By name.
    claims: BTreeMap<String, ShownClaim>,
    /// Who has signed in, once the ID token is verified.
    pub subject: Option<String>,
}

/// The test can't go on.
#[derive(Debug)]
pub(in crate::web::admin) struct Stopped;

impl TestReport {
    pub(in crate::web::admin) fn passed(
        &mut self,
        step: TestStep,
        evidence: impl IntoIterator<Item = impl Into<String>>,
    ) {
        let evidence = evidence.into_iter().map(Into::into).collect();
        self.done.push(StepResult { step, verdict: Verdict::Passed, evidence });
    }

    pub(in crate::web::admin) fn failed(&mut self, step: TestStep, evidence: impl Into<String>) {
        self.done.push(StepResult { step, verdict: Verdict::Failed, evidence: vec![evidence.into()] });
    }

    /// Notes the failure of a step, which ends the test.
    pub(in crate::web::admin) fn stopped(&mut self, step: TestStep, evidence: impl Into<String>) -> Stopped {
        self.failed(step, evidence);
        Stopped
    }

    /// Every step, also those that were not reached.
    pub(in crate::web::admin) fn steps(&self) -> Vec<StepResult> {
        let result = |step| {
            let found = self.done.iter().find(|done| done.step == step).cloned();
            found.unwrap_or(StepResult { step, verdict: Verdict::NotTried, evidence: Vec::new() })
        };
        TestStep::ALL.map(result).into()
    }

    /// True if all steps passed.
    pub(in crate::web::admin) fn is_good(&self) -> bool {
        self.steps().iter().all(|step| step.verdict == Verdict::Passed)
    }

    /// All claims by name.
    pub(in crate::web::admin) fn claims(&self) -> impl Iterator<Item = &ShownClaim> {
        self.claims.values()
    }

    pub(in crate::web::admin) fn take_id_token(&mut self, claims: &Map<String, Value>) {
        for (name, value) in claims {
            self.claim(name).id_token = Some(shown(name, value));
        }
    }

    pub(in crate::web::admin) fn take_userinfo(&mut self, claims: &Map<String, Value>) {
        for (name, value) in claims {
            self.claim(name).userinfo = Some(shown(name, value));
        }
    }

    fn claim(&mut self, name: &str) -> &mut ShownClaim {
        let new = || ShownClaim { name: name.to_owned(), ..ShownClaim::default() };
        self.claims.entry(name.to_owned()).or_insert_with(new)
    }
}

/// A value as a person reads it.
fn shown(name: &str, value: &Value) -> String {
    match (name, value) {
        ("exp" | "iat" | "auth_time" | "updated_at", Value::Number(seconds)) => {
            let at = seconds.as_i64().and_then(|seconds| seconds.checked_mul(SECOND));
            at.map_or_else(|| value.to_string(), timestamp)
        }
        (_, Value::String(text)) => text.clone(),
        (_, Value::Array(items)) => {
            let items =
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
            items.collect::<Vec<_>>().join(", ")
        }
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn steps_that_were_not_reached_are_shown_and_a_failed_one_spoils_the_test() {
        let mut report = TestReport::default();
        report.passed(TestStep::Discovery, ["found"]);
        report.failed(TestStep::Authorization, "refused");
        let verdicts: Vec<_> = report.steps().into_iter().map(|step| step.verdict).collect();
        assert_eq!(verdicts[..3], [Verdict::Passed, Verdict::Failed, Verdict::NotTried]);
        assert!(verdicts.len() == TestStep::ALL.len() && !report.is_good());
        let mut good = TestReport::default();
        for step in TestStep::ALL {
            assert!(!good.is_good());
            good.passed(step, [""; 0]);
        }
        assert!(good.is_good());
    }

    #[test]
    fn claims_are_shown_side_by_side_in_words() {
        let mut report = TestReport::default();
        let object = |value: Value| value.as_object().cloned().expect("an object");
        report.take_id_token(&object(
            json!({ "sub": "a", "exp": 60, "groups": ["x", "y"], "email_verified": true }),
        ));
        report.take_userinfo(&object(json!({ "sub": "b", "address": { "country": "DE" } })));
        let rows: Vec<_> = report
            .claims()
            .map(|claim| (claim.name.as_str(), claim.id_token.as_deref(), claim.userinfo.as_deref()))
            .collect();
        assert_eq!(
            rows,
            [
                ("address", None, Some("{\"country\":\"DE\"}")),
                ("email_verified", Some("true"), None),
                ("exp", Some("1970-01-01T00:01:00Z"), None),
                ("groups", Some("x, y"), None),
                ("sub", Some("a"), Some("b")),
            ]
        );
    }
}

//! Samples of Test SSO.

use serde_json::json;

use super::{AdminFrame, frame, named};
use crate::domain::audit::{Detail, GateRecord};
use crate::domain::gates::{Gate, Verdict};
use crate::flow::support::explain::ExplainedDecision;
use crate::web::admin::pages::{TestReport, TestSsoNotice, TestSsoPage, TestStep, TestedGate};
use crate::web::pages::HtmlPage;
use crate::web::pages::samples::{LONG, MARKUP, RIGHT_TO_LEFT, Sample};

pub(super) fn all() -> Vec<Sample> {
    let page = |frame: AdminFrame| TestSsoPage {
        language: frame.language,
        frame,
        csrf: "token".into(),
        notice: None,
        report: None,
        gates: Vec::new(),
        attempts: Vec::new(),
    };
    let gates = |text: &str, last: Verdict| {
        let verdict = |gate: Gate| if gate == Gate::NotSuspended { last } else { Verdict::Passed };
        let gate = |gate: Gate| TestedGate {
            word: gate.as_str().into(),
            verdict: verdict(gate),
            evidence: text.into(),
        };
        Gate::ALL.map(gate).to_vec()
    };
    let mut samples = vec![
        test_sso("panel-test-sso", page(frame())),
        test_sso(
            "panel-test-sso-used",
            TestSsoPage { notice: Some(TestSsoNotice::UnknownAnswer), ..page(frame()) },
        ),
        test_sso(
            "panel-test-sso-passed",
            TestSsoPage {
                report: Some(passed("ada@corp.example.com")),
                gates: gates("in OU=Staff", Verdict::Passed),
                ..page(frame())
            },
        ),
        test_sso(
            "panel-test-sso-failed",
            TestSsoPage {
                report: Some(failed("error \"access_denied\": the person cancelled the sign-in")),
                attempts: vec![refused("CN=Ada,OU=Interns,DC=corp,DC=example,DC=com is in no synced OU")],
                ..page(frame())
            },
        ),
    ];
    for (label, text) in [("long", LONG), ("rtl", RIGHT_TO_LEFT), ("markup", MARKUP)] {
        let page = TestSsoPage {
            report: Some(if label == "rtl" { failed(text) } else { passed(text) }),
            gates: gates(text, Verdict::Failed),
            attempts: vec![refused(text)],
            ..page(named(text))
        };
        samples.push(test_sso(&format!("hostile-{label}-panel-test-sso"), page));
    }
    samples
}

fn test_sso(name: &str, page: TestSsoPage) -> Sample {
    Sample::new(name, "admin/test-sso.html", move |language| {
        let frame = AdminFrame { language, ..page.frame.clone() };
        TestSsoPage { language, frame, ..page.clone() }.html()
    })
}

fn passed(text: &str) -> TestReport {
    let mut report = TestReport::default();
    for step in TestStep::ALL {
        report.passed(step, [text]);
    }
    let claims = json!({ "sub": "0192f0c4", "iat": 1_795_388_400, "email": text, "groups": [text, "Sales"], text: true });
    if let Some(claims) = claims.as_object() {
        report.take_id_token(claims);
        report.take_userinfo(claims);
    }
    report
}

fn failed(text: &str) -> TestReport {
    let mut report = TestReport::default();
    report.passed(TestStep::Discovery, ["issuer https://id.example.com"]);
    report.passed(TestStep::Authorization, ["response_type=code"]);
    report.failed(TestStep::Answer, text);
    report
}

fn refused(text: &str) -> ExplainedDecision {
    let gate = GateRecord { gate: "in_scope".into(), verdict: Verdict::Failed, evidence: text.to_owned() };
    ExplainedDecision {
        at: "2026-11-22T23:00:00.000Z".into(),
        decision: "sign_in_refused".into(),
        address: None,
        client: None,
        directory: None,
        account: None,
        times: 1,
        last_at: None,
        refused: true,
        cause: None,
        reason: "in_scope",
        what: "the person is in no synced OU or group",
        advice: "add the OU or a group of the person to the scope",
        detail: Detail { judgement: vec![gate], error: Some(text.to_owned()), ..Detail::default() },
    }
}

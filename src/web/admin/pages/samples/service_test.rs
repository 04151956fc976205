//! Samples of the test of a service, in each of its states.

use super::frame;
use crate::domain::doctor::Severity;
use crate::domain::service_test::ServiceStage;
use crate::flow::admin::service_test::{RunningServiceTest, ServiceTestEnd};
use crate::flow::delivery::service_test::ReportedServiceFinding;
use crate::web::admin::address::SERVICES;
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::pages::{ServiceTestPage, ServiceTestPart};
use crate::web::pages::HtmlPage;
use crate::web::pages::samples::{LONG, MARKUP, RIGHT_TO_LEFT, Sample};

/// All of them.
pub(super) fn all() -> Vec<Sample> {
    let of = |name, end| sample(name, report("cloudsync", end));
    let mut samples = vec![
        of("panel-service-test-running", None),
        of("panel-service-test-failed", Some(ServiceTestEnd::Failed(ServiceStage::Token))),
        of("panel-service-test-slow", Some(ServiceTestEnd::TooSlow)),
        of("panel-service-test-interrupted", Some(ServiceTestEnd::Interrupted)),
        sample(
            "panel-service-test-passed",
            RunningServiceTest {
                service: "cloudsync".into(),
                base_url: "https://cloudsync.example.com/scim/v2".into(),
                end: Some(ServiceTestEnd::Passed),
                ..RunningServiceTest::default()
            },
        ),
    ];
    for (label, text) in [("long", LONG), ("rtl", RIGHT_TO_LEFT), ("markup", MARKUP)] {
        let report = report(text, Some(ServiceTestEnd::NotMade(text.into())));
        samples.push(sample(&format!("hostile-{label}-panel-service-test"), report));
    }
    samples
}

fn report(text: &str, end: Option<ServiceTestEnd>) -> RunningServiceTest {
    let found = |(stage, verdict)| ReportedServiceFinding {
        stage,
        check: "x".into(),
        server: Some("cloudsync.example.com:443".into()),
        verdict,
        what: text.into(),
        evidence: Some(text.into()),
        fix: Some(text.into()),
    };
    let findings = [
        (ServiceStage::Dns, Severity::Ok),
        (ServiceStage::Tcp, Severity::Info),
        (ServiceStage::Tls, Severity::Warning),
        (ServiceStage::Tls, Severity::CantTell),
        (ServiceStage::Token, Severity::Error),
    ];
    RunningServiceTest {
        service: text.into(),
        base_url: format!("https://{text}.example.com/scim/v2"),
        round_trip: true,
        findings: findings.map(found).into(),
        remains: Some(text.into()),
        end,
    }
}

fn sample(name: &str, report: RunningServiceTest) -> Sample {
    Sample::new(name, "admin/service-test.html", move |language| {
        let frame = AdminFrame { language, path: SERVICES.into(), ..frame() };
        let part = ServiceTestPart { language, report: report.clone() };
        ServiceTestPage { language, frame, draft: "a".repeat(43), refreshes: part.is_running(), part }.html()
    })
}

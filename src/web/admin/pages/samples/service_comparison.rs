//! Samples of the comparison of a service, in each of its states.

use super::frame;
use crate::flow::admin::service_comparison::{
    ComparisonEnd, ComparisonOrder, ListedDifference, ServiceComparison,
};
use crate::web::admin::address::SERVICES;
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::pages::{ComparisonPage, ComparisonPart};
use crate::web::pages::HtmlPage;
use crate::web::pages::samples::{LONG, MARKUP, RIGHT_TO_LEFT, Sample};

/// All of them.
pub(super) fn all() -> Vec<Sample> {
    let running = || ServiceComparison { service: "cloudsync".into(), ..ServiceComparison::default() };
    let ended = |end| ServiceComparison { end: Some(end), ..running() };
    let fixed = ServiceComparison {
        order: ComparisonOrder::Fix,
        fixed: Some(4),
        emptied: true,
        ..result("cloudsync")
    };
    let mut samples = vec![
        sample("panel-service-comparing", running()),
        sample("panel-service-previewed", result("cloudsync")),
        sample("panel-service-compared", fixed),
        sample("panel-service-not-compared", ended(ComparisonEnd::Failed("no answer".into()))),
        sample("panel-service-comparison-interrupted", ended(ComparisonEnd::Interrupted)),
    ];
    for (label, text) in [("long", LONG), ("rtl", RIGHT_TO_LEFT), ("markup", MARKUP)] {
        samples.push(sample(&format!("hostile-{label}-panel-service-previewed"), result(text)));
        let failed = ServiceComparison {
            service: text.into(),
            end: Some(ComparisonEnd::Failed(text.into())),
            ..ServiceComparison::default()
        };
        samples.push(sample(&format!("hostile-{label}-panel-service-not-compared"), failed));
    }
    samples
}

fn result(text: &str) -> ServiceComparison {
    let known = |finding: &str, account: Option<&str>, team_share: Option<&str>| ListedDifference {
        finding: finding.into(),
        account: account.map(str::to_owned),
        team_share: team_share.map(str::to_owned),
        name: Some(text.into()),
        id: Some(text.into()),
        attributes: vec!["email".into(), "user_name".into()],
        joining: 2,
        leaving: 1,
        words: Some(text.into()),
    };
    ServiceComparison {
        service: text.into(),
        findings: [("create".into(), 1), ("change".into(), 1), ("unknown".into(), 1)].into(),
        same: 1_200,
        waiting: 2,
        differences: vec![
            known("create", Some("42"), None),
            known("change", None, Some(text)),
            known("unknown", None, None),
        ],
        has_more: true,
        end: Some(ComparisonEnd::Done),
        ..ServiceComparison::default()
    }
}

fn sample(name: &str, result: ServiceComparison) -> Sample {
    Sample::new(name, "admin/service-comparison.html", move |language| {
        let frame = AdminFrame { language, path: SERVICES.into(), ..frame() };
        let part = ComparisonPart { language, result: result.clone() };
        let refreshes = part.is_running();
        ComparisonPage { language, frame, draft: "a".repeat(43), part, refreshes }.html()
    })
}

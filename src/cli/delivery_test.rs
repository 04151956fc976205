//! `cloudsync-idp delivery test`: test the connection to a service and print the findings of each stage.

use anyhow::Result;

use super::actor::actor;
use super::doctor::{FindingRow, finding_lines};
use super::output::{self, printable};
use crate::domain::service_test::ServiceStage;
use crate::flow::delivery::service_test::{
    ReportedServiceFinding, ServiceTest, ServiceTestReport, service_stages, stored_service, test_service,
};
use crate::flow::installation::context::OperationParts;
use crate::volatile::Volatile;

/// 1: a stage failed, or the test has not come to its end.
pub(super) async fn run(
    parts: &OperationParts,
    volatile: &Volatile,
    (id, round_trip): (&str, bool),
    json: bool,
) -> Result<u8> {
    let service = stored_service(parts, id).await?;
    let test = ServiceTest { service, secret: None, round_trip, by_command: true };
    let report = test_service(parts, volatile, &test, &actor(), &mut |_| {}).await?;
    if json {
        output::json(&report)?;
    } else {
        print(&report);
    }
    Ok(u8::from(!report.passed))
}

fn print(report: &ServiceTestReport) {
    outln!("{}  {}", printable(&report.service), printable(&report.base_url));
    for stage in service_stages(&report.findings, false, report.round_trip) {
        let name = name(stage.stage);
        if stage.findings.is_empty() {
            outln!("{name}: not reached");
            continue;
        }
        outln!("{name}");
        let rows: Vec<FindingRow<'_>> = stage.findings.iter().map(row).collect();
        finding_lines(&rows).iter().for_each(|line| outln!("{line}"));
    }
    match report.failed_stage {
        Some(stage) => outln!("failed: {}", name(stage)),
        None if report.complete => outln!("passed"),
        None => outln!("the test took too long; what was found so far is shown"),
    }
}

fn row(finding: &ReportedServiceFinding) -> FindingRow<'_> {
    FindingRow {
        check: &finding.check,
        server: finding.server.as_deref(),
        verdict: finding.verdict,
        what: &finding.what,
        evidence: finding.evidence.as_deref(),
        fix: finding.fix.as_deref(),
    }
}

fn name(stage: ServiceStage) -> &'static str {
    match stage {
        ServiceStage::Dns => "DNS",
        ServiceStage::Tcp => "connection",
        ServiceStage::Tls => "TLS",
        ServiceStage::Token => "token",
        ServiceStage::Configuration => "configuration",
        ServiceStage::Read => "read",
        ServiceStage::RoundTrip => "round trip",
    }
}

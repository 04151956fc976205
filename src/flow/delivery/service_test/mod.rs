//! Test Connection of a service, as it is stored or as it was typed: each stage is checked in its order, with evidence
//! and a fix for each finding. A test saves nothing, sends a stored secret only where it was given for, and is limited
//! in rate and time.
//!
//! - `prepared`: what is tested, with the secrets that may be sent
//! - `stages`: from the name of the service to its users
//! - `round_trip`: a test user is created, changed, suspended and deleted
//! - `report`: what was found, for people and scripts

mod prepared;
mod report;
mod round_trip;
mod stages;

use serde_json::json;

pub use self::prepared::{ServiceTest, ServiceTestError, stored_service};
pub use self::report::{ReportedServiceFinding, ServiceStageView, ServiceTestReport, service_stages};

use self::prepared::Prepared;
use self::report::Findings;
use self::round_trip::RoundTrip;
use self::stages::Stages;
use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::flow::installation::context::OperationParts;
use crate::flow::limits::outbound;
use crate::volatile::Volatile;

/// Tests a service; `show` gets each finding as it is made. It has to run to its end: whoever drops it during a round
/// trip may leave the test user behind.
pub async fn test_service(
    parts: &OperationParts,
    volatile: &Volatile,
    test: &ServiceTest,
    by: &Actor,
    show: &mut (dyn FnMut(&ReportedServiceFinding) + Send),
) -> Result<ServiceTestReport, ServiceTestError> {
    outbound::admit(volatile, &by.to_string(), parts.now()).await?;
    let prepared = Prepared::new(parts, test).await?;
    let mut found = Findings::new(show);
    let looked = outbound::run(Stages { parts, prepared: &prepared, found: &mut found }.look()).await;
    let is_complete = looked.is_some();
    let mut remains = None;
    if let Some(Some(dialect)) = looked
        && test.round_trip
        && found.failed().is_none()
    {
        remains = RoundTrip::new(parts, &prepared, dialect)?.make(&mut found).await;
    }
    let report = found.report(&prepared.service, (is_complete, test.round_trip), remains);
    record(parts, &prepared, &report, by).await?;
    Ok(report)
}

async fn record(
    parts: &OperationParts,
    prepared: &Prepared,
    report: &ServiceTestReport,
    by: &Actor,
) -> Result<(), ServiceTestError> {
    let detail = json!({
        "service": report.service, "base_url": report.base_url, "passed": report.passed,
        "failed_stage": report.failed_stage, "round_trip": report.round_trip, "remains": report.remains,
    });
    let event = Event {
        client_id: prepared.service.client.clone(),
        detail: Some(detail.to_string()),
        ..Event::new(parts.now(), Decision::DeliveryTested).by(by)
    };
    Ok(parts.store.login().append(&event).await?)
}

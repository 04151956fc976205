//! Note wishes about those who differ. The outbox sends them, with its own guard and its own order.

use super::error::CompareError;
use crate::domain::Millis;
use crate::domain::delivery::{Drift, Finding, FixOrder, Urgency};
use crate::store::{ComparisonRun, Correction, DeliveryStore, FoundDifference};

/// How many are noted in one transaction.
const PAGE: u32 = 200;

/// Notes a newer wish about everybody who is to be fixed. Returns about how many.
pub(super) async fn fix(
    deliveries: DeliveryStore<'_>,
    run: &ComparisonRun,
    (drift, order): (&Drift, FixOrder),
    now: Millis,
) -> Result<u64, CompareError> {
    let (mut after, mut fixed): (Option<FoundDifference>, _) = (None, 0);
    loop {
        let page = deliveries.findings(run, after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(fixed) };
        after = Some(last.clone());
        let to_fix = page.into_iter().filter(|one| drift.fixes(&one.difference, order));
        let corrections: Vec<Correction> = to_fix.map(correction).collect();
        fixed += deliveries.correct(&run.target, &corrections, now).await?;
    }
}

fn correction(found: FoundDifference) -> Correction {
    let FoundDifference { subject, difference, wished, learned, .. } = found;
    let urgency = match difference.finding {
        Finding::Suspend => Urgency::Suspend,
        // Behind whatever changes now.
        _ => Urgency::Fill,
    };
    Correction { subject, wished, learned, urgency }
}

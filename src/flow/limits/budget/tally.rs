//! Read the lockout budget for an administrator, without changing it.

use tokio::time::Instant;

use super::counts::CountSlot;
use super::{BudgetTally, Subject};
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::Site;
use crate::flow::installation::fault::Fault;

/// What a subject has used up now.
pub async fn tally(
    parts: &LoginParts,
    site: &Site,
    subject: Subject<'_>,
    deadline: Instant,
) -> Result<BudgetTally, Fault> {
    let standing = site.directory.lockout(subject.entry(), deadline).await?;
    let ours = CountSlot::of(subject, parts, site).read(parts).await?;
    Ok(BudgetTally::of(parts, &standing, ours.as_ref()))
}

//! Count what the charts of the panel show, by a job: nothing of it is written by a sign-in.

use crate::domain::{DAY, HOUR, Millis};
use crate::flow::installation::context::OperationParts;
use crate::store::{KeptValue, MeasuredHour, StoreError};

/// The measure of how old the last complete reading of a directory was, in milliseconds.
pub const SYNC_LAG: &str = "sync_lag";
/// The measure of active accounts, by [`ENROLLED`] and [`MISSING`].
pub const ENROLMENT: &str = "enrolment";
/// With a second factor.
pub const ENROLLED: &str = "enrolled";
/// Without one.
pub const MISSING: &str = "missing";

/// How far back the audit log is counted after an upgrade.
const FIRST: Millis = 7 * DAY;
/// How long counts are kept.
const KEPT: Millis = 400 * DAY;

/// The beginning of the hour.
#[must_use]
pub fn hour_of(at: Millis) -> Millis {
    at.div_euclid(HOUR) * HOUR
}

/// Counts this hour and the one before, and those that were missed while no process ran.
pub async fn count(parts: &OperationParts) -> Result<(), StoreError> {
    let (trail, now) = (parts.store.login(), parts.now());
    let counted = trail.newest_count().await?.unwrap_or(i64::MIN);
    let from = hour_of(counted.min(now - HOUR).max(now - FIRST));
    trail.write_counts(&trail.count_events(from).await?).await
}

/// Measures the lag of each directory, and how many people have a second factor.
pub async fn measure(parts: &OperationParts) -> Result<(), StoreError> {
    let (store, now) = (&parts.store, parts.now());
    let measured = |label: &str, value| MeasuredHour { hour: hour_of(now), label: label.to_owned(), value };
    let mut lags = Vec::new();
    for site in parts.current().sites() {
        let state = store.sync().mirror_state(site.id()).await?;
        lags.extend(state.caught_up_at.map(|at| measured(&site.id().0, (now - at).max(0))));
    }
    store.login().measure(SYNC_LAG, KeptValue::Highest, &lags).await?;
    let (people, enrolled) = store.identity().count_people().await?;
    let counts = [measured(ENROLLED, enrolled), measured(MISSING, people - enrolled)];
    store.login().measure(ENROLMENT, KeptValue::Newest, &counts).await
}

/// Removes old counts, and old results of checks of the audit log.
pub async fn remove_old(parts: &OperationParts) -> Result<(), StoreError> {
    let trail = parts.store.login();
    trail.expire_hours(parts.now() - KEPT).await?;
    trail.expire_checks(parts.now() - KEPT).await
}

//! The daily comparison of a service, beside the sending to it and within the same budget.

use std::convert::Infallible;
use std::time::Duration;

use tokio::time::sleep;

use super::error::CompareError;
use super::run::{alone, carry_out};
use super::view::close;
use crate::domain::delivery::FixOrder;
use crate::domain::schedule::{DayTime, Frequency, Zone, next_run};
use crate::domain::settings::{DriftMode, Provisioning};
use crate::domain::{HOUR, Millis, SECOND};
use crate::flow::delivery::channel::Channel;
use crate::flow::installation::causes::Causes;
use crate::store::{ComparisonRow, StoreError};

/// How soon to see that it is time.
const LOOK: Duration = Duration::from_secs(1);
/// How soon to ask the store again, and to try again after a failure.
const ASK_AGAIN: Millis = 10 * SECOND;
const TRY_AGAIN: Millis = HOUR;

/// Compares the service once a day, until it is dropped.
pub(in crate::flow::delivery) async fn daily(channel: &Channel<'_>) -> Infallible {
    let mut not_before = 0;
    loop {
        sleep(LOOK).await;
        let now = channel.now();
        if now < not_before {
            continue;
        }
        not_before = now + ASK_AGAIN;
        match is_due(channel, now).await {
            Ok(true) => {}
            Ok(false) => continue,
            Err(error) => {
                tracing::debug!(service = channel.id(), error = %Causes(&error), "comparing waits");
                continue;
            }
        }
        match Box::pin(once(channel)).await {
            Ok(()) | Err(CompareError::Busy) => {}
            Err(error) => {
                tracing::warn!(service = channel.id(), error = %Causes(&error), "the service can't be compared");
                not_before = now + TRY_AGAIN;
            }
        }
    }
}

/// Whether it is time, and everybody was delivered to the service once.
async fn is_due(channel: &Channel<'_>, now: Millis) -> Result<bool, StoreError> {
    let Some(frequency) = frequency(channel.service) else { return Ok(false) };
    let deliveries = channel.store().delivery();
    let Some(state) = deliveries.target(channel.id()).await? else { return Ok(false) };
    if state.filled_to.is_some() || state.stopped.is_some() {
        return Ok(false);
    }
    let last = deliveries.comparison(channel.id()).await?.filter(|last| last.failed.is_none());
    let last = last.map_or(state.added_at, |last| last.begun_at.max(state.added_at));
    Ok(next_run(&frequency, Some(last), now) <= now)
}

/// `None`: there is no daily comparison.
fn frequency(service: &Provisioning) -> Option<Frequency> {
    if service.drift == DriftMode::Off {
        return None;
    }
    // Both were checked when the settings were saved.
    let (at, zone) = (DayTime::parse(&service.drift_at).ok()?, Zone::named(&service.drift_zone).ok()?);
    Some(Frequency::Daily { at, zone })
}

async fn once(channel: &Channel<'_>) -> Result<(), CompareError> {
    let order = (channel.service.drift == DriftMode::Fix).then_some(FixOrder::Daily);
    let begun_at = channel.now();
    let comparison = match alone(channel, carry_out(channel, order, None)).await {
        Ok(comparison) => comparison,
        Err(CompareError::Busy) => return Err(CompareError::Busy),
        Err(error) => {
            let failed = Some(Causes(&error).to_string());
            let row = ComparisonRow { begun_at, ended_at: channel.now(), fixed: 0, drift: None, failed };
            channel.store().delivery().note_comparison(channel.id(), &row, None).await?;
            return Err(error);
        }
    };
    let drift = &comparison.drift;
    let differing = drift.findings.iter().map(|(finding, number)| format!("{number} {finding}"));
    let differing = differing.collect::<Vec<_>>().join(", ");
    tracing::info!(
        service = channel.id(),
        same = drift.same,
        waiting = drift.waiting,
        differing,
        fixed = comparison.fixed,
        "the service was compared"
    );
    close(channel.store(), &comparison).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MINUTE;

    #[test]
    fn the_time_of_the_day_comes_from_the_settings() {
        let service = Provisioning::default();
        let frequency = frequency(&service).expect("daily by default");
        let day = 24 * HOUR;
        assert_eq!(next_run(&frequency, Some(0), 1), 3 * HOUR + 30 * MINUTE);
        assert_eq!(next_run(&frequency, Some(4 * HOUR), 5 * HOUR), day + 3 * HOUR + 30 * MINUTE);
        let off = Provisioning { drift: DriftMode::Off, ..service };
        assert_eq!(super::frequency(&off), None);
    }
}

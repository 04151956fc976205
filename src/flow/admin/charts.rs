//! What the charts of the overview show: the last day, an hour each. Everything was counted before, by a job.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::audit::Decision;
use crate::domain::gates::Gate;
use crate::domain::{HOUR, Millis};
use crate::flow::account::views::in_rfc_3339;
use crate::flow::installation::context::PanelParts;
use crate::flow::support::enrolment::{self, EnrolmentView};
use crate::flow::support::hours::{SYNC_LAG, hour_of};
use crate::store::{CountedHour, MeasuredHour, StoreError};

/// How many hours the charts show.
pub const HOURS: usize = 24;

/// The charts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChartsView {
    pub hours: Vec<HourView>,
    /// Refusals of these hours by their cause, the most frequent first.
    pub causes: Vec<CauseCount>,
    pub lags: Vec<LagView>,
    /// `None` until the job has counted for the first time.
    pub enrolment: Option<EnrolmentView>,
}

/// The sign-ins of one hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct HourView {
    #[serde(serialize_with = "in_rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Millis,
    pub sign_ins: u64,
    pub refusals: u64,
    /// The refusals by their cause, the most frequent first.
    pub causes: Vec<CauseCount>,
}

/// How often sign-ins were refused for a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CauseCount {
    pub group: RefusalGroup,
    pub times: u64,
}

/// How far a directory's sync was behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LagView {
    /// The name of the directory.
    pub directory: String,
    pub hours: Vec<LagHour>,
}

/// The lag within one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LagHour {
    #[serde(serialize_with = "in_rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Millis,
    /// The worst, in milliseconds; none without a measurement.
    pub worst: Option<Millis>,
}

/// Why sign-ins were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusalGroup {
    Gate(Gate),
    Throttled,
    SecondFactor,
    /// The directory did not answer.
    Undecided,
    Other,
}

/// Reads the charts.
pub async fn charts(parts: &PanelParts) -> Result<ChartsView, StoreError> {
    let (login, now) = (&parts.login, parts.login.now());
    let first = first_hour(now);
    let trail = login.store.login();
    let (counts, lags) = (trail.counts_since(first).await?, trail.measured_since(SYNC_LAG, first).await?);
    let directories = login.current();
    let directories = directories.sites().iter().map(|site| (site.id().0.as_str(), &site.settings.name));
    Ok(ChartsView {
        hours: hours(&counts, now),
        causes: causes(counts.iter()),
        lags: directories.map(|(id, name)| lag(&lags, id, name, now)).collect(),
        enrolment: enrolment::counts(login).await?,
    })
}

fn first_hour(now: Millis) -> Millis {
    hour_of(now) - (HOURS as Millis - 1) * HOUR
}

fn all_hours(now: Millis) -> impl Iterator<Item = Millis> {
    (0..HOURS as Millis).map(move |number| first_hour(now) + number * HOUR)
}

fn hours(counts: &[CountedHour], now: Millis) -> Vec<HourView> {
    let of_hour = |at: Millis| {
        let counted = || counts.iter().filter(move |count| count.hour == at);
        let sign_ins = counted().filter(|count| count.decision == Decision::SignedIn.as_str());
        let causes = causes(counted());
        HourView {
            at,
            sign_ins: sign_ins.map(|count| count.times.unsigned_abs()).sum(),
            refusals: causes.iter().map(|cause| cause.times).sum(),
            causes,
        }
    };
    all_hours(now).map(of_hour).collect()
}

fn causes<'a>(counts: impl Iterator<Item = &'a CountedHour>) -> Vec<CauseCount> {
    let mut groups: BTreeMap<RefusalGroup, u64> = BTreeMap::new();
    for count in counts {
        if let Some(group) = group(count) {
            *groups.entry(group).or_default() += count.times.unsigned_abs();
        }
    }
    let mut groups: Vec<_> = groups.into_iter().map(|(group, times)| CauseCount { group, times }).collect();
    groups.sort_by_key(|count| (u64::MAX - count.times, count.group));
    groups
}

/// The group of a refused sign-in; `None` for any other event.
fn group(count: &CountedHour) -> Option<RefusalGroup> {
    let is = |decision: Decision| count.decision == decision.as_str();
    if is(Decision::SignInRefused) {
        return Some(Gate::parse(&count.cause).map_or(RefusalGroup::Other, RefusalGroup::Gate));
    }
    let groups = [
        (Decision::SignInThrottled, RefusalGroup::Throttled),
        (Decision::FactorRefused, RefusalGroup::SecondFactor),
        (Decision::SignInUndecided, RefusalGroup::Undecided),
    ];
    groups.into_iter().find(|(decision, _)| is(*decision)).map(|(_, group)| group)
}

fn lag(measured: &[MeasuredHour], id: &str, name: &str, now: Millis) -> LagView {
    let worst = |at: Millis| measured.iter().find(|one| one.label == id && one.hour == at);
    let hours = all_hours(now).map(|at| LagHour { at, worst: worst(at).map(|one| one.value) });
    LagView { directory: name.to_owned(), hours: hours.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_000 * HOUR + 7;

    fn count(hour: i64, decision: Decision, cause: &str, times: i64) -> CountedHour {
        CountedHour { hour: hour * HOUR, decision: decision.as_str().into(), cause: cause.into(), times }
    }

    #[test]
    fn every_hour_of_the_day_is_shown_and_nothing_else() {
        let counts = [
            count(976, Decision::SignedIn, "", 9),
            count(977, Decision::SignedIn, "", 5),
            count(1_000, Decision::SignedIn, "", 3),
            count(1_000, Decision::SignInRefused, "bound", 2),
            count(1_000, Decision::SignInThrottled, "name", 1),
            count(1_000, Decision::SettingsChanged, "", 1),
        ];
        let hours = hours(&counts, NOW);
        assert_eq!(hours.len(), HOURS);
        assert_eq!(hours[0], HourView { at: 977 * HOUR, sign_ins: 5, ..HourView::default() });
        assert_eq!(hours[1], HourView { at: 978 * HOUR, ..HourView::default() });
        let cause = |group, times| CauseCount { group, times };
        let causes = vec![cause(RefusalGroup::Gate(Gate::Bound), 2), cause(RefusalGroup::Throttled, 1)];
        assert_eq!(hours[23], HourView { at: 1_000 * HOUR, sign_ins: 3, refusals: 3, causes });
    }

    #[test]
    fn refusals_are_grouped_by_cause_and_the_most_frequent_come_first() {
        let counts = [
            count(999, Decision::SignInRefused, "bound", 2),
            count(1_000, Decision::SignInRefused, "bound", 2),
            count(1_000, Decision::SignInRefused, "in_scope", 7),
            count(1_000, Decision::SignInRefused, "of a later version", 1),
            count(1_000, Decision::FactorRefused, "wrong_code", 4),
            count(1_000, Decision::SignedIn, "", 100),
        ];
        let expected = [
            (RefusalGroup::Gate(Gate::InScope), 7),
            (RefusalGroup::Gate(Gate::Bound), 4),
            (RefusalGroup::SecondFactor, 4),
            (RefusalGroup::Other, 1),
        ];
        let found: Vec<_> =
            causes(counts.iter()).into_iter().map(|count| (count.group, count.times)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_lag_of_an_hour_without_a_measurement_is_not_zero() {
        let measured = [MeasuredHour { hour: 1_000 * HOUR, label: "corp".into(), value: 4 }];
        let lag = lag(&measured, "corp", "Corp", NOW);
        let last: Vec<_> = lag.hours[22..].iter().map(|hour| (hour.at, hour.worst)).collect();
        assert_eq!(last, [(999 * HOUR, None), (1_000 * HOUR, Some(4))]);
    }
}

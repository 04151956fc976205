//! How far a long run has come: people done, how many a second, and the time left.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::entry::DirectoryId;
use crate::domain::{Millis, SECOND};
use crate::flow::installation::context::SyncParts;
use crate::store::{RunFilter, RunProgress, RunResult, RunRow, StoreError};

/// How far a run has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProgressView {
    /// What it is doing, in a word or two.
    pub doing: String,
    pub people: u64,
    /// Of how many, if known.
    pub of: Option<u64>,
    /// People a second since it began to do this; not in the first moments.
    pub per_second: Option<u64>,
    pub seconds_left: Option<u64>,
    pub at: Millis,
}

impl From<&RunProgress> for ProgressView {
    fn from(now: &RunProgress) -> Self {
        let done = now.people.saturating_sub(now.begun_with);
        let time = u64::try_from(now.at - now.begun_at).unwrap_or_default();
        let rate = (done * SECOND.unsigned_abs()).checked_div(time).filter(|rate| *rate > 0);
        let left = rate.zip(now.of).map(|(rate, of)| of.saturating_sub(now.people) / rate);
        Self {
            doing: now.doing.clone(),
            people: now.people,
            of: now.of,
            per_second: rate,
            seconds_left: left,
            at: now.at,
        }
    }
}

/// The run of a directory that is in progress.
pub async fn running(parts: &SyncParts, directory: &DirectoryId) -> Result<Option<RunRow>, StoreError> {
    let newest = RunFilter { directory: Some(directory.clone()), limit: 1, ..RunFilter::default() };
    let run = parts.store.sync().runs_of(&newest).await?.pop();
    Ok(run.filter(|run| run.result == RunResult::Running))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_counts_since_the_run_began_to_do_this() {
        let progress = |people, at, of| RunProgress {
            doing: "judging".into(),
            people,
            of,
            at,
            begun_at: 1_000,
            begun_with: 500,
        };
        let table = [
            (progress(500, 1_000, Some(100_000)), None, None),
            (progress(10_500, 2_000, Some(100_500)), Some(10_000), Some(9)),
            (progress(1_500, 11_000, Some(101_500)), Some(100), Some(1_000)),
            (progress(1_500, 11_000, None), Some(100), None),
            (progress(501, 101_000, Some(600)), None, None),
            (progress(2_000, 2_000, Some(1_000)), Some(1_500), Some(0)),
            // The clock went back.
            (progress(2_000, 999, Some(3_000)), None, None),
        ];
        for (now, rate, left) in table {
            let view = ProgressView::from(&now);
            assert_eq!((view.per_second, view.seconds_left), (rate, left), "{now:?}");
        }
    }

    #[test]
    fn progress_of_an_older_version_has_no_rate() {
        let old: RunProgress =
            serde_json::from_str(r#"{"doing":"reading","people":7,"of":null,"at":1795000000000}"#)
                .expect("as it was stored");
        let view = ProgressView::from(&old);
        assert_eq!((view.people, view.per_second), (7, None));
    }
}

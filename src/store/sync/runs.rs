//! Write and read the log of runs.

use crate::domain::Millis;
use crate::domain::entry::DirectoryId;

use super::ids::{Mandate, RunId, RunKind, RunTrigger};
use super::run_row::{RunCounts, RunDetails, RunProgress, RunResult, RunRow};
use super::{feeds, imported};
use crate::store::SyncStore;
use crate::store::engine::columns::columns;
use crate::store::engine::error::Result;
use crate::store::engine::select::SelectBuilder;
use crate::store::engine::sql::Tx;
use crate::store::engine::value::{Value, values};

/// Which runs to read.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    pub directory: Option<DirectoryId>,
    pub ids: Option<Vec<RunId>>,
    /// The oldest first, and not the newest.
    pub oldest_first: bool,
    /// Only those beyond this one in the order.
    pub before: Option<RunId>,
    /// Begun at this time or later.
    pub from: Option<Millis>,
    /// Begun before this time.
    pub until: Option<Millis>,
    /// Only those that failed.
    pub failed: bool,
    pub limit: u32,
}

/// What the error of a run begins with whose process was killed, or that was stopped.
const INTERRUPTED: &str = "interrupted";

const SELECT: &str = "SELECT id, directory, trigger_word, started_at, finished_at, counts, error, feed, server, \
     cursor_from, cursor_to, reason, progress, advice, shortfalls, times, approved FROM runs";

impl SyncStore<'_> {
    /// Opens a run.
    pub async fn begin_run(
        &self,
        directory: &DirectoryId,
        trigger: RunTrigger,
        now: Millis,
    ) -> Result<RunId> {
        let mut tx = self.store.db.begin().await?;
        let run = open(&mut tx, directory, trigger, now).await?;
        tx.commit().await?;
        Ok(run)
    }

    /// Closes the runs of a directory whose process was killed. The caller holds the lease of the directory's
    /// runs, so none of them is in progress.
    pub async fn close_interrupted(&self, directory: &DirectoryId, now: Millis) -> Result<()> {
        let sql = "UPDATE runs SET finished_at = $2, error = $3 WHERE directory = $1 AND finished_at IS NULL";
        self.store.db.execute(sql, values![directory, now, INTERRUPTED]).await?;
        Ok(())
    }

    /// True if the newest run of a directory was interrupted: the next one completes it.
    pub async fn is_interrupted(&self, directory: &DirectoryId) -> Result<bool> {
        let filter = RunFilter { directory: Some(directory.clone()), limit: 1, ..RunFilter::default() };
        let newest = self.runs_of(&filter).await?.pop();
        Ok(newest
            .is_some_and(|run| matches!(run.result, RunResult::Failed(why) if why.starts_with(INTERRUPTED))))
    }

    /// Records how far a run has come.
    pub async fn note_progress(&self, run: RunId, progress: &RunProgress) -> Result<()> {
        let sql = "UPDATE runs SET progress = $2 WHERE id = $1 AND finished_at IS NULL";
        self.store.db.execute(sql, values![run.0, serde_json::to_string(progress).ok()]).await?;
        Ok(())
    }

    /// Closes a run, with its counts or with its error.
    pub async fn finish_run(
        &self,
        run: RunId,
        kind: RunKind,
        result: Result<RunCounts, String>,
        details: &RunDetails,
        now: Millis,
    ) -> Result<()> {
        let mut tx = self.store.db.begin().await?;
        if kind == RunKind::Complete && result.is_ok() {
            imported::record(&mut tx, run).await?;
        }
        close(&mut tx, run, result, details, now).await?;
        tx.commit().await
    }

    /// Records a failure that happened before there was anything else to report. While the same failure
    /// repeats, only the row of the first is updated: when it last happened, and how often.
    pub async fn note_failure(
        &self,
        directory: &DirectoryId,
        trigger: RunTrigger,
        error: &str,
        details: &RunDetails,
        now: Millis,
    ) -> Result<()> {
        let mut tx = self.store.db.begin().await?;
        let sql = "UPDATE runs SET finished_at = $4, times = times + 1, advice = $5 \
             WHERE id = (SELECT max(id) FROM runs WHERE directory = $1) AND trigger_word = $2 AND error = $3";
        let again = values![directory, trigger.to_string(), error, now, &details.advice];
        if tx.execute(sql, again).await? == 0 {
            let run = open(&mut tx, directory, trigger, now).await?;
            close(&mut tx, run, Err(error.to_owned()), details, now).await?;
        }
        tx.commit().await
    }

    /// Runs in the order that is asked for.
    pub async fn runs_of(&self, filter: &RunFilter) -> Result<Vec<RunRow>> {
        let ids = filter.ids.as_ref().map(|ids| ids.iter().map(|run| Value::from(run.0)).collect());
        let (beyond, order) = if filter.oldest_first { ("id >", "id") } else { ("id <", "id DESC") };
        let (sql, values) = SelectBuilder::new(SELECT)
            .and("directory =", filter.directory.as_ref())
            .and_in("id", ids)
            .and(beyond, filter.before.map(|run| run.0))
            .and("started_at >=", filter.from)
            .and("started_at <", filter.until)
            .and("error >=", filter.failed.then_some(""))
            .order(order, filter.limit);
        self.store.db.rows(sql, values).await?.iter().map(RunRow::try_from).collect()
    }

    /// One run.
    pub async fn run(&self, run: RunId) -> Result<Option<RunRow>> {
        let filter = RunFilter { ids: Some(vec![run]), limit: 1, ..RunFilter::default() };
        Ok(self.runs_of(&filter).await?.pop())
    }

    /// The last successful run of a directory.
    pub async fn last_good_run(&self, directory: &DirectoryId) -> Result<Option<RunRow>> {
        let (sql, values) = SelectBuilder::new(SELECT)
            .and("counts IS NOT NULL AND directory =", Some(directory))
            .order("id DESC", 1);
        self.store.db.rows(sql, values).await?.first().map(RunRow::try_from).transpose()
    }
}

/// Opens a run.
pub(in crate::store) async fn open(
    tx: &mut Tx,
    directory: &DirectoryId,
    trigger: RunTrigger,
    now: Millis,
) -> Result<RunId> {
    let sql = "INSERT INTO runs (directory, trigger_word, started_at, approved) VALUES ($1, $2, $3, $4) RETURNING id";
    let approved = trigger.mandate() != Mandate::ByGuard;
    let values = values![directory, trigger.to_string(), now, i64::from(approved)];
    let row = tx.row(sql, values).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok(RunId(row.of("runs", "id").cell("id")?))
}

/// Closes a run, with what it reports; what it reported before and does not report now stays.
pub(in crate::store) async fn close(
    tx: &mut Tx,
    run: RunId,
    result: Result<RunCounts, String>,
    details: &RunDetails,
    now: Millis,
) -> Result<()> {
    let (counts, error) = match result {
        Ok(counts) => (serde_json::to_string(&counts).ok(), None),
        Err(error) => (None, Some(error)),
    };
    let sql = "UPDATE runs SET finished_at = :now, counts = :counts, error = :error, \
         feed = coalesce(:feed, feed), server = coalesce(:server, server), \
         cursor_from = coalesce(:cursor_from, cursor_from), cursor_to = coalesce(:cursor_to, cursor_to), \
         reason = coalesce(:reason, reason), advice = :advice, \
         shortfalls = coalesce(:shortfalls, shortfalls) WHERE id = :id";
    let shortfalls =
        (!details.shortfalls.is_empty()).then(|| feeds::text(&details.shortfalls)).transpose()?;
    let values = columns! {
        "id" => run.0,
        "now" => now,
        "counts" => counts,
        "error" => error,
        "feed" => &details.feed,
        "server" => &details.server,
        "cursor_from" => &details.cursor_from,
        "cursor_to" => &details.cursor_to,
        "reason" => &details.reason,
        "advice" => &details.advice,
        "shortfalls" => shortfalls,
    };
    let (sql, values) = values.bind(sql);
    tx.execute(sql, values).await?;
    Ok(())
}

//! Plans: changes that an administrator reviews before they are applied. A plan changes nothing; it is kept
//! for a week, and its rows are compared again when it is applied.

use crate::domain::account::AccountId;
use crate::domain::entry::{DirectoryId, EntryId};
use crate::domain::history::ChangeKind;
use crate::domain::{DAY, Millis};

use super::ids::PlanId;
use super::run_row::RunCounts;
use crate::store::SyncStore;
use crate::store::engine::bulk;
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::select::SelectBuilder;
use crate::store::engine::sql::DbRow;
use crate::store::engine::value::values;

/// For how long a plan is kept and can be applied.
pub const KEEP_PLANS: Millis = 7 * DAY;

/// A plan, without its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncPlan {
    pub id: PlanId,
    pub directory: DirectoryId,
    pub made_at: Millis,
    /// The settings that it was made with.
    pub settings_generation: i64,
    /// The version of the mirror that it was made from.
    pub mirror_version: i64,
    /// What it would do, in numbers; `None` while it is being made, or if that was interrupted.
    pub counts: Option<RunCounts>,
    pub applied_at: Option<Millis>,
}

/// What a plan would do to one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRow {
    pub entry: EntryId,
    /// `None` for an account that would be created.
    pub account: Option<AccountId>,
    /// For display.
    pub login_name: String,
    pub kind: ChangeKind,
    /// The account or the Team Share before, as JSON.
    pub before: Option<String>,
    /// The account or the Team Share after, as JSON.
    pub after: String,
    pub why: Option<String>,
}

impl SyncStore<'_> {
    /// Begins a plan.
    pub async fn begin_plan(
        &self,
        directory: &DirectoryId,
        settings_generation: i64,
        mirror_version: i64,
        now: Millis,
    ) -> Result<PlanId> {
        let mut tx = self.store.db.begin().await?;
        let sql = "INSERT INTO plans (directory, made_at, settings_generation, mirror_version) \
             VALUES ($1, $2, $3, $4) RETURNING id";
        let values = values![directory, now, settings_generation, mirror_version];
        let row = tx.row(sql, values).await?.ok_or(sqlx::Error::RowNotFound)?;
        tx.commit().await?;
        Ok(PlanId(row.of("plans", "id").cell("id")?))
    }

    /// Adds rows to a plan; `first` is how many it had before.
    pub async fn extend_plan(&self, plan: PlanId, first: u64, rows: &[PlanRow]) -> Result<()> {
        let mut tx = self.store.db.begin().await?;
        let values = |(row, seq): (&PlanRow, i64)| {
            let PlanRow { entry, account, login_name, kind, before, after, why } = row;
            let account = account.as_ref().map(|id| id.0.as_str());
            values![plan.0, seq, *entry, account, login_name, kind.as_str(), before, after, why]
        };
        let rows = rows.iter().zip(i64::try_from(first).unwrap_or(i64::MAX)..).map(values).collect();
        let head =
            "INSERT INTO plan_rows (plan, seq, entry, account, login_name, kind, before, after, why) VALUES";
        bulk::execute_rows(&mut tx, head, "", rows).await?;
        tx.commit().await
    }

    /// Completes a plan: from now on it can be applied.
    pub async fn finish_plan(&self, plan: PlanId, counts: &RunCounts) -> Result<()> {
        let sql = "UPDATE plans SET counts = $2 WHERE id = $1";
        self.store.db.execute(sql, values![plan.0, serde_json::to_string(counts).ok()]).await?;
        Ok(())
    }

    /// A plan that can still be applied at `now`.
    pub async fn plan(&self, plan: PlanId, now: Millis) -> Result<Option<SyncPlan>> {
        let sql = "SELECT id, directory, made_at, settings_generation, mirror_version, counts, applied_at \
             FROM plans WHERE id = $1 AND made_at > $2";
        self.store
            .db
            .row(sql, values![plan.0, now - KEEP_PLANS])
            .await?
            .as_ref()
            .map(SyncPlan::try_from)
            .transpose()
    }

    /// Rows of a plan in order, each with its number, after `after`. A number may be missing: rows of an
    /// account that was erased since are gone.
    pub async fn plan_rows(
        &self,
        plan: PlanId,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<(i64, PlanRow)>> {
        self.plan_rows_of(plan, None, after, limit).await
    }

    /// The same of one kind.
    pub async fn plan_rows_of(
        &self,
        plan: PlanId,
        kind: Option<ChangeKind>,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<(i64, PlanRow)>> {
        let select = "SELECT plan, seq, entry, account, login_name, kind, before, after, why FROM plan_rows";
        let (sql, values) = SelectBuilder::new(select)
            .and("plan =", Some(plan.0))
            .and("kind =", kind.map(ChangeKind::as_str))
            .and("seq >", after)
            .order("seq", limit);
        let numbered = |row: &DbRow| Ok((row.of("plan_rows", "plan").cell("seq")?, PlanRow::try_from(row)?));
        self.store.db.rows(sql, values).await?.iter().map(numbered).collect()
    }

    /// The accounts that would lose something by a plan, in order and each once, after `after`.
    pub async fn plan_losers(&self, plan: PlanId, after: &str, limit: u32) -> Result<Vec<AccountId>> {
        // The words of the kinds are part of the condition of an index.
        let sql = "SELECT DISTINCT account FROM plan_rows WHERE plan = $1 AND account > $2 \
             AND kind IN ('suspended', 'share_left') ORDER BY account LIMIT $3";
        let rows = self.store.db.rows(sql, values![plan.0, after, limit]).await?;
        rows.iter().map(|row| Ok(AccountId(row.of("plan_rows", "account").cell("account")?))).collect()
    }

    /// Claims a plan for applying: of two callers, one is first. False if it was applied before.
    pub async fn take_plan(&self, plan: PlanId, now: Millis) -> Result<bool> {
        let sql =
            "UPDATE plans SET applied_at = $2 WHERE id = $1 AND applied_at IS NULL AND counts IS NOT NULL";
        Ok(self.store.db.execute(sql, values![plan.0, now]).await? == 1)
    }

    /// Removes plans that are too old to be applied; returns how many. The newest one loses only its changes: SQLite would
    /// use its number again, and who has agreed to a plan has agreed to its number.
    pub(in crate::store) async fn expire_plans(&self, now: Millis) -> Result<u64> {
        let oldest = now - KEEP_PLANS;
        let rows = "DELETE FROM plan_rows WHERE (plan, seq) IN (SELECT plan, seq FROM plan_rows \
             WHERE plan IN (SELECT id FROM plans WHERE made_at <= $1) LIMIT 500)";
        while self.store.db.execute(rows, values![oldest]).await? > 0 {}
        let plans = "DELETE FROM plans WHERE made_at <= $1 AND id < (SELECT max(id) FROM plans)";
        self.store.db.execute(plans, values![oldest]).await
    }
}

impl PlanRow {
    /// True if the person would lose something.
    #[must_use]
    pub fn takes(&self) -> bool {
        matches!(self.kind, ChangeKind::Suspended | ChangeKind::ShareLeft)
    }
}

impl TryFrom<&DbRow> for SyncPlan {
    type Error = StoreError;

    fn try_from(row: &DbRow) -> Result<Self> {
        let cells = row.of("plans", "id");
        let counts: Option<String> = cells.cell("counts")?;
        let counts = counts.map(|text| serde_json::from_str(&text)).transpose();
        Ok(Self {
            id: PlanId(cells.cell("id")?),
            directory: DirectoryId(cells.cell("directory")?),
            made_at: cells.cell("made_at")?,
            settings_generation: cells.cell("settings_generation")?,
            mirror_version: cells.cell("mirror_version")?,
            counts: counts.map_err(|_| cells.corrupt("counts can't be read"))?,
            applied_at: cells.cell("applied_at")?,
        })
    }
}

impl TryFrom<&DbRow> for PlanRow {
    type Error = StoreError;

    fn try_from(row: &DbRow) -> Result<Self> {
        let cells = row.of("plan_rows", "plan");
        Ok(Self {
            entry: cells.parsed("entry", |text: String| EntryId::from_entry_uuid(&text))?,
            account: cells.cell::<Option<String>>("account")?.map(AccountId),
            login_name: cells.cell("login_name")?,
            kind: cells.word("kind", ChangeKind::parse)?,
            before: cells.cell("before")?,
            after: cells.cell("after")?,
            why: cells.cell("why")?,
        })
    }
}

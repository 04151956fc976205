//! A plan of the sync on its page: who gets in, who changes, and who is suspended.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Millis;
use crate::domain::history::ChangeKind;
use crate::flow::installation::context::PanelParts;
use crate::flow::installation::fault::Fault;
use crate::flow::sync::history::PlannedView;
use crate::flow::sync::plan::{Takes, takes};
use crate::flow::sync::preview::PreviewKind;
use crate::store::{PlanId, RunCounts, Store, StoreError};

/// How many changes a page shows.
const PAGE: u32 = 50;

/// How many changes of each kind the first page shows.
const OF_A_KIND: u32 = 10;

/// Which changes of a plan are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanQuery {
    pub plan: i64,
    pub kind: Option<ChangeKind>,
    /// The number of the last change of the page before.
    pub after: Option<i64>,
}

/// A plan with a page of its changes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanView {
    pub plan: i64,
    pub directory: String,
    /// The name of the directory; its id if it is no longer in the settings.
    pub directory_name: String,
    pub made_at: Millis,
    pub counts: RunCounts,
    /// People who lose something, and those of them beyond the guard's limit.
    pub takes: Takes,
    pub applied_at: Option<Millis>,
    /// The settings have changed since, so that the plan may no longer be what the sync would do.
    pub is_old: bool,
    /// Without a kind and on the first page: the first changes of each kind, losses first.
    pub kinds: Vec<PreviewKind>,
    pub rows: Vec<PlannedView>,
    /// The number for the next page, if there may be one.
    pub next_after: Option<i64>,
}

/// Reads a plan. `None`: there is no complete one of this number; plans are kept for a week.
pub async fn sync_plan(parts: &PanelParts, query: &PlanQuery) -> Result<Option<PlanView>, Fault> {
    let (store, current, id) = (&parts.login.store, parts.login.current(), PlanId(query.plan));
    let Some(plan) = store.sync().plan(id, parts.login.now()).await? else { return Ok(None) };
    let Some(counts) = plan.counts else { return Ok(None) };
    let rows = store.sync().plan_rows_of(id, query.kind, query.after, PAGE).await?;
    let next_after = rows.last().map(|(number, _)| *number).filter(|_| rows.len() == PAGE as usize);
    let begins = query.kind.is_none() && query.after.is_none();
    let kinds = if begins { first_of_each(store, id, &counts).await? } else { Vec::new() };
    let site = current.site(&plan.directory);
    Ok(Some(PlanView {
        plan: query.plan,
        directory_name: site.map_or_else(|| plan.directory.0.clone(), |site| site.settings.name.clone()),
        directory: plan.directory.0,
        made_at: plan.made_at,
        counts,
        takes: takes(&parts.sync, id).await?,
        applied_at: plan.applied_at,
        is_old: plan.settings_generation != current.generation,
        kinds,
        rows: rows.iter().map(|(_, row)| PlannedView::from(row)).collect(),
        next_after,
    }))
}

/// How many changes of each kind a plan has, losses first.
#[must_use]
pub fn planned(counts: &RunCounts) -> [(ChangeKind, u64); 7] {
    [
        (ChangeKind::Suspended, counts.suspended),
        (ChangeKind::ShareLeft, counts.shares_left),
        (ChangeKind::Created, counts.created),
        (ChangeKind::Linked, counts.linked),
        (ChangeKind::Reactivated, counts.reactivated),
        (ChangeKind::Updated, counts.updated),
        (ChangeKind::ShareJoined, counts.shares_joined),
    ]
}

async fn first_of_each(
    store: &Store,
    plan: PlanId,
    counts: &RunCounts,
) -> Result<Vec<PreviewKind>, StoreError> {
    let mut kinds = Vec::new();
    for (kind, total) in planned(counts).into_iter().filter(|(_, total)| *total > 0) {
        let rows = store.sync().plan_rows_of(plan, Some(kind), None, OF_A_KIND).await?;
        let rows = rows.iter().map(|(_, row)| PlannedView::from(row)).collect();
        kinds.push(PreviewKind { kind, total, rows });
    }
    Ok(kinds)
}

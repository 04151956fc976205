//! Record what a user of the server orders on the command line, as the panel records its tasks.

use serde_json::json;

use crate::domain::account::AccountId;
use crate::domain::admin::{Actor, TaskOrder};
use crate::domain::audit::{Decision, Event};
use crate::domain::entry::DirectoryId;
use crate::flow::installation::context::SyncParts;
use crate::store::{PlanId, RunId, StoreError};

/// Records an order for one directory, or for all. What it changes is in the sync log, with before and after.
pub async fn record(
    parts: &SyncParts,
    directory: Option<&DirectoryId>,
    order: &TaskOrder,
    actor: &Actor,
) -> Result<(), StoreError> {
    let event = Event {
        directory: directory.map(|id| id.0.clone()),
        detail: Some(json!({ "order": order }).to_string()),
        ..Event::new(parts.now(), Decision::TaskOrdered).by(actor)
    };
    parts.store.login().append(&event).await
}

/// Records that a plan is to be applied, unless there is no such plan.
pub async fn record_apply(parts: &SyncParts, plan: PlanId, actor: &Actor) -> Result<(), StoreError> {
    let Some(found) = parts.store.sync().plan(plan, parts.now()).await? else { return Ok(()) };
    record(parts, Some(&found.directory), &TaskOrder::ApplyPlan { plan: plan.0 }, actor).await
}

/// Records that a run is to be reverted, unless there is no such run.
pub async fn record_revert(parts: &SyncParts, run: RunId, actor: &Actor) -> Result<(), StoreError> {
    let Some(found) = parts.store.sync().run(run).await? else { return Ok(()) };
    record(parts, Some(&found.directory), &TaskOrder::Revert { run: run.0 }, actor).await
}

/// Records that the people of this name are to be synced: by their accounts, since the log names nobody who may be
/// erased later.
pub async fn record_person(
    parts: &SyncParts,
    directory: Option<&DirectoryId>,
    name: &str,
    actor: &Actor,
) -> Result<(), StoreError> {
    let named: Vec<AccountId> = parts.store.sync().accounts_named(name.trim()).await?;
    let account = named.iter().map(|id| id.0.as_str()).collect::<Vec<_>>().join(", ");
    record(parts, directory, &TaskOrder::SyncPerson { account }, actor).await
}

//! What each kind of task does. All of it is what the command line does too.

use super::view::{TaskCounts, TaskResult};
use super::{BegunRun, Worked};
use crate::domain::admin::{Actor, AdminTask, LINK_SESSION, Role, TaskOrder, TaskState};
use crate::domain::guard::SeenHeld;
use crate::domain::timestamp;
use crate::flow::admin::protected::against_admin;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::PanelParts;
use crate::flow::installation::current::Site;
use crate::flow::installation::fault::Fault;
use crate::flow::person::admin_role::by_mirror;
use crate::flow::sync::held::{HeldResult, approve};
use crate::flow::sync::plan::{self, ApplyResult, NewPlan, PlanRefused};
use crate::flow::sync::progress::{ProgressView, running};
use crate::flow::sync::undo::{RevertedRun, undo};
use crate::flow::sync::{RunOrder, RunReport, SyncError, read_directory, run as sync, sync_person};
use crate::store::{PlanId, RunId, RunResult, RunTrigger, StoreError, UndoRefused};

/// How many people are named whose plan does not hold any more.
const NAMED: usize = 20;

/// Does the work, and reports the run that it begins.
pub(super) async fn run(parts: &PanelParts, task: &AdminTask, begun: &BegunRun) -> Worked {
    let current = parts.sync.current();
    let order = serde_json::from_str::<TaskOrder>(&task.order).ok();
    let (Some(site), Some(order)) = (current.site(&task.directory), order) else {
        let advice = "check the settings, and order it again";
        let result = TaskResult::failed("the directory is not in the settings", advice);
        return Worked::Ended(TaskState::Failed, result);
    };
    match carry_out(parts, site, task, &order, begun).await {
        Ok(result @ TaskResult::Failed { .. }) => Worked::Ended(TaskState::Failed, result),
        Ok(result) => Worked::Ended(TaskState::Done, result),
        Err(SyncError::Running) => Worked::Later,
        Err(SyncError::Stopped(_)) => Worked::Ended(TaskState::Stopped, TaskResult::Stopped),
        Err(error) => Worked::Ended(TaskState::Failed, TaskResult::failed(Causes(&error), error.advice())),
    }
}

/// A task may wait for hours: meanwhile its admin may have lost the role, the script its client, or the session of
/// a link may be over.
async fn may_still_order(
    parts: &PanelParts,
    task: &AdminTask,
    order: &TaskOrder,
) -> Result<bool, StoreError> {
    let (actor, store) = (Actor::ordered(&task.by, task.role), &parts.login.store);
    let current = parts.login.current();
    let role = if let Some(account) = actor.account() {
        match store.identity().account(account).await? {
            Some(account) if account.is_usable(parts.login.now()) => {
                by_mirror(store, &current, &account).await?
            }
            _ => None,
        }
    } else if let Some(client) = actor.client_id() {
        current.settings.client(client).and_then(|client| client.admin_role)
    } else if let Some(made_by) = actor.link_made_by() {
        let (idle, now) = (current.settings.admin.idle(), parts.login.now());
        store.admin().has_link_session(made_by, now - idle, now - LINK_SESSION).await?.then_some(Role::Owner)
    } else {
        return Ok(true);
    };
    Ok(role.is_some_and(|role| role.can(order.capability())))
}

async fn carry_out(
    parts: &PanelParts,
    site: &Site,
    task: &AdminTask,
    order: &TaskOrder,
    begun: &BegunRun,
) -> Result<TaskResult, SyncError> {
    if !may_still_order(parts, task, order).await? {
        let advice = "somebody who may do it has to order it again";
        return Ok(TaskResult::failed("whoever ordered it may not do it any more", advice));
    }
    if against_admin(parts, &Actor::ordered(&task.by, task.role), &task.directory, order).await? {
        let advice = "only an owner can order it";
        return Ok(TaskResult::failed(
            "it takes something from an admin with the same role or a higher one",
            advice,
        ));
    }
    let parts = &parts.sync;
    Ok(match order {
        TaskOrder::ReadDirectory => done(&read_directory(parts, site).await?),
        TaskOrder::Plan => planned(&plan::make(parts, site).await?),
        TaskOrder::ApplyPlan { plan } => applied(plan::apply(parts, PlanId(*plan)).await?),
        TaskOrder::Sync => {
            let order = RunOrder { begun: begun.clone(), ..RunOrder::changes(RunTrigger::Command) };
            done(&sync(parts, site, &order).await?)
        }
        TaskOrder::SyncPerson { account } => {
            let report = sync_person(parts, site, account).await?;
            report.as_ref().map_or(TaskResult::NobodyFound, done)
        }
        TaskOrder::ApproveHeld { seen } => {
            let seen: Vec<SeenHeld> = seen.iter().filter_map(|one| SeenHeld::parse(one)).collect();
            let actor = Actor::ordered(&task.by, task.role);
            let (_, decided) = approve(parts, site, &seen, &actor).await?;
            let done = decided.iter().filter(|one| one.result == HeldResult::Done).count();
            TaskResult::Approved { done, left_out: decided.len() - done }
        }
        TaskOrder::Revert { run } => match undo(parts, RunId(*run)).await? {
            Ok(reverted) => revert_done(&reverted),
            Err(refused) => TaskResult::failed(revert_refused(*run, refused), "see the Sync Log"),
        },
    })
}

fn revert_done(reverted: &RevertedRun) -> TaskResult {
    let counts = match &reverted.run.result {
        RunResult::Done(counts) => counts.into(),
        RunResult::Running | RunResult::Failed(_) => TaskCounts::default(),
    };
    TaskResult::Done { run: Some(reverted.run.id.0), counts }
}

fn revert_refused(run: i64, refused: UndoRefused) -> String {
    match refused {
        UndoRefused::Unknown => format!("there is no run {run}; the log is kept for a limited time"),
        UndoRefused::Running => format!("run {run} is still running"),
        UndoRefused::TooOld => format!("run {run} is more than 30 days old: too much has changed since"),
        UndoRefused::Unfinished(of) => {
            format!("run {run} was reverting run {} and is incomplete; finish that first", of.0)
        }
        UndoRefused::Already(by) => {
            format!("run {} has reverted run {run}; to restore it, revert run {}", by.0, by.0)
        }
    }
}

fn done(report: &RunReport) -> TaskResult {
    TaskResult::Done { run: report.run.map(|run| run.0), counts: (&report.counts).into() }
}

fn planned(made: &NewPlan) -> TaskResult {
    let counts = made.plan.counts.as_ref().map(TaskCounts::from).unwrap_or_default();
    TaskResult::Planned { plan: made.plan.id.0, takes: made.takes, counts }
}

fn applied(result: ApplyResult) -> TaskResult {
    match result {
        ApplyResult::Done(report) => done(&report),
        ApplyResult::Changed(differences) => TaskResult::PlanChanged {
            more: differences.len().saturating_sub(NAMED),
            people: differences.into_iter().map(|one| one.login_name).take(NAMED).collect(),
        },
        ApplyResult::Refused(refused) => {
            let advice = "make a new plan, and apply that one";
            TaskResult::failed(plan_refused(refused), advice)
        }
    }
}

fn plan_refused(refused: PlanRefused) -> String {
    match refused {
        PlanRefused::Unknown => "there is no such plan; plans are kept for a week".to_owned(),
        PlanRefused::Unfinished => "the plan is incomplete".to_owned(),
        PlanRefused::Applied(at) => format!("the plan was already applied, at {}", timestamp(at)),
        PlanRefused::NoDirectory => "the directory of the plan is no longer in the settings".to_owned(),
    }
}

/// How far the run of the directory is, as JSON.
pub(super) async fn progress(parts: &PanelParts, task: &AdminTask) -> Result<Option<String>, Fault> {
    let run = running(&parts.sync, &task.directory).await?;
    let progress = run.as_ref().and_then(|run| run.progress.as_ref()).map(ProgressView::from);
    Ok(progress.and_then(|progress| serde_json::to_string(&progress).ok()))
}

//! Long work that an admin has ordered. A job of any node takes it; its row says how far it is, so that any node
//! can show it, and another node continues it if its own stops.
//!
//! What each kind of work does is in [`run`].

mod run;
mod view;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

pub use self::view::{TaskCounts, TaskProgress, TaskResult, TaskView};
use crate::domain::admin::{AdminTask, ApprovalOrder, TASK_BEAT, TASK_TAKEN, TaskOrder, TaskState};
use crate::domain::audit::{Decision, Event};
use crate::domain::entry::DirectoryId;
use crate::flow::admin::acting::actor_name;
use crate::flow::admin::four_eyes::{self, Asked};
use crate::flow::admin::protected::against_admin;
use crate::flow::admin::session::{self, CheckedAdmin};
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::{PanelParts, Visit};
use crate::flow::installation::fault::Fault;
use crate::flow::settings;
use crate::flow::sync::is_taken;
use crate::flow::sync::plan::takes;
use crate::flow::sync::stop::stop as stop_run;
use crate::store::{NewTask, PlanId, RunId};

/// How long to wait before trying again while something else works on the directory.
const AGAIN: Duration = Duration::from_secs(1);
/// How long a stopped run may take to reach its next page; then it is dropped, which interrupts it.
const STOPPING: Duration = Duration::from_secs(2);

/// How many held people an event names.
const NAMED: usize = 50;

/// How long to wait before ordering again where there is no room.
const NO_ROOM: Fault = Fault::Throttled { seconds: 60 };

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ordered {
    /// The id of the task.
    Task(String),
    /// It needs a second owner.
    Asked(Asked),
    /// Refused: it takes something from an admin on whom this one may not act.
    AgainstAdmin,
}

/// Orders work for a directory, or joins the same work if it is not over. The caller has checked that the admin
/// may.
pub async fn order(
    parts: &PanelParts,
    visit: &Visit,
    admin: &CheckedAdmin,
    directory: &DirectoryId,
    order: &TaskOrder,
) -> Result<Ordered, Fault> {
    if against_admin(parts, &admin.actor, directory, order).await? {
        session::record_refusal(&parts.login, visit, admin, "role_of_person".to_owned()).await?;
        return Ok(Ordered::AgainstAdmin);
    }
    if let Some(generation) = needs_two(parts, order).await? {
        let asked = ApprovalOrder::Task { directory: directory.clone(), order: order.clone() };
        return Ok(Ordered::Asked(four_eyes::keep(&parts.login, &admin.actor, generation, &asked).await?));
    }
    let (id, by) = (parts.login.random_id(), admin.actor.to_string());
    let event = event(parts, visit, admin, Decision::TaskOrdered, (&id, order, directory));
    let task = NewTask { id: &id, directory, order, by: &by, role: admin.actor.role() };
    let added = parts.login.store.admin().add_task(task, &event).await?;
    added.map(Ordered::Task).ok_or(NO_ROOM)
}

/// On which settings an order needs a second owner; `None` if it does not.
async fn needs_two(parts: &PanelParts, order: &TaskOrder) -> Result<Option<i64>, Fault> {
    if !order.is_mass_change() {
        return Ok(None);
    }
    let stored = settings::load(&parts.login.store, &parts.login.keys.sealer).await?;
    if !stored.settings.admin.four_eyes {
        return Ok(None);
    }
    let within = match order {
        TaskOrder::ApplyPlan { plan } => takes(&parts.sync, PlanId(*plan)).await?.beyond == 0,
        _ => false,
    };
    Ok((!within).then_some(stored.generation))
}

/// A task as a page shows it. `None` if there is no such task, or it ended long ago.
pub async fn view(parts: &PanelParts, id: &str) -> Result<Option<TaskView>, Fault> {
    let Some(task) = parts.login.store.admin().task(id).await? else { return Ok(None) };
    let by = actor_name(&parts.login, &task.by).await?;
    Ok(Some(TaskView::new(&task, by)))
}

/// Asks to stop a task. False if it is over, or somebody has asked already. A sync stops as a run does: between
/// two pages, and the directory is paused, or its next run would go on at once. While it waits for another run of the
/// directory, that one goes on.
pub async fn stop(parts: &PanelParts, visit: &Visit, admin: &CheckedAdmin, id: &str) -> Result<bool, Fault> {
    let store = parts.login.store.admin();
    let Some(task) = store.task(id).await? else { return Ok(false) };
    let Ok(order) = serde_json::from_str(&task.order) else { return Ok(false) };
    let event = event(parts, visit, admin, Decision::TaskStopped, (id, &order, &task.directory));
    let asked = store.stop_task(id, &event).await?;
    // Read again: a run that its node notes only now sees that it has to stop, before it has changed anybody.
    let run = store.task(id).await?.and_then(|task| task.run);
    if let Some(run) = run.filter(|_| asked && order == TaskOrder::Sync) {
        stop_run(&parts.sync, &task.directory, Some(RunId(run)), &admin.actor).await?;
    }
    Ok(asked)
}

fn event(
    parts: &PanelParts,
    visit: &Visit,
    admin: &CheckedAdmin,
    decision: Decision,
    (id, order, directory): (&str, &TaskOrder, &DirectoryId),
) -> Event {
    let ordered = match order {
        // Each of them has an event of their own once it is done.
        TaskOrder::ApproveHeld { seen } if seen.len() > NAMED => {
            json!({ "kind": "approve_held", "people": seen.len() })
        }
        order => json!(order),
    };
    let detail = json!({ "task": id, "order": ordered }).to_string();
    let event = visit.event(parts.login.now(), decision).by(&admin.actor);
    Event { directory: Some(directory.0.clone()), detail: Some(detail), ..event }
}

/// Takes a task that waits, or whose node is silent.
pub async fn take(parts: &PanelParts) -> Result<Option<AdminTask>, Fault> {
    let node = parts.operation.process.node.id();
    Ok(parts.login.store.admin().take_task(node, parts.login.now()).await?)
}

/// What became of the work on a task.
enum Worked {
    Ended(TaskState, TaskResult),
    /// Something else works on the directory.
    Later,
}

/// The run that a task has begun, once it has.
type BegunRun = watch::Sender<Option<RunId>>;

/// Works on a task to its end, or puts it back while something else works on its directory: other directories do
/// not wait for it. Nothing is written if another node has taken it meanwhile.
pub async fn work(parts: &PanelParts, task: &AdminTask) -> Result<(), Fault> {
    let (store, node) = (parts.login.store.admin(), parts.operation.process.node.id());
    let worked = if task.taken > TASK_TAKEN {
        Some(Worked::Ended(TaskState::Failed, TaskResult::given_up()))
    } else if is_taken(&parts.sync, &task.directory).await? {
        // Its page shows how far the other work is.
        beat(parts, task, None).await?;
        sleep(AGAIN).await;
        Some(Worked::Later)
    } else if store.begin_task(&task.id, node).await? {
        let begun = BegunRun::default();
        let work = AssertUnwindSafe(Box::pin(run::run(parts, task, &begun))).catch_unwind();
        let crashed = |_| Worked::Ended(TaskState::Failed, TaskResult::crashed());
        let work = work.map(|done| done.unwrap_or_else(crashed));
        let every = Duration::from_millis(TASK_BEAT.unsigned_abs());
        let beat = |run| noted_beat(parts, task, run);
        watched(std::pin::pin!(work), (every, &begun), beat).await
    } else {
        None
    };
    match worked {
        Some(Worked::Ended(state, result)) => {
            let result = serde_json::to_string(&result).ok();
            store.end_task(&task.id, node, state, result.as_deref(), parts.login.now()).await?;
        }
        Some(Worked::Later) => store.put_back_task(&task.id, node, parts.login.now()).await?,
        None => {}
    }
    Ok(())
}

/// What a sign of life has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beat {
    GoOn,
    /// Somebody has asked to stop the task.
    Stop,
    /// Another node has taken it.
    Taken,
}

/// The work, with regular signs of life, and one when its run begins. `None` if another node has taken the task: the
/// work is dropped. The work goes on while a sign of life waits for the database, since it may be the work that
/// holds it.
async fn watched<F: Future<Output = Beat>>(
    mut work: impl Future<Output = Worked> + Unpin,
    (every, begun): (Duration, &BegunRun),
    beat: impl Fn(Option<RunId>) -> F,
) -> Option<Worked> {
    let beats = async {
        let (mut ticks, mut begins) = (interval(every), begun.subscribe());
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                Ok(()) = begins.changed() => {}
            }
            let run = *begun.borrow();
            match beat(run).await {
                Beat::GoOn => {}
                end => return end,
            }
        }
    };
    let end = tokio::select! {
        done = &mut work => return Some(done),
        end = beats => end,
    };
    if end == Beat::Taken {
        return None;
    }
    Some(match timeout(STOPPING, &mut work).await {
        Ok(ended @ Worked::Ended(..)) => ended,
        Ok(Worked::Later) | Err(_) => Worked::Ended(TaskState::Stopped, TaskResult::Stopped),
    })
}

async fn noted_beat(parts: &PanelParts, task: &AdminTask, run: Option<RunId>) -> Beat {
    match beat(parts, task, run).await {
        Ok(Some(false)) => Beat::GoOn,
        Ok(Some(true)) => Beat::Stop,
        Ok(None) => Beat::Taken,
        Err(error) => {
            // The work itself reports that the store is not available.
            tracing::debug!(error = %Causes(&error), "a task can't report");
            Beat::GoOn
        }
    }
}

/// Reports how far the task is; true if somebody has asked to stop it.
async fn beat(parts: &PanelParts, task: &AdminTask, run: Option<RunId>) -> Result<Option<bool>, Fault> {
    let progress = run::progress(parts, task).await?;
    let (node, now) = (parts.operation.process.node.id(), parts.login.now());
    let reported = (progress.as_deref(), run.map(|run| run.0));
    Ok(parts.login.store.admin().beat_task(&task.id, node, reported, now).await?)
}

#[cfg(test)]
mod tests {
    use tokio::sync::Mutex;

    use super::*;

    const AT_ONCE: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn the_work_goes_on_while_a_sign_of_life_waits_for_what_it_holds() {
        let database = Mutex::new(());
        let work = async {
            for _ in 0..3 {
                let held = database.lock().await;
                sleep(10 * AT_ONCE).await;
                drop(held);
            }
            Worked::Ended(TaskState::Done, TaskResult::Stopped)
        };
        let beat = async |_| {
            let _waits = database.lock().await;
            Beat::GoOn
        };
        let (begun, work) = (BegunRun::default(), Box::pin(work));
        let done = timeout(Duration::from_secs(10), watched(work, (AT_ONCE, &begun), beat)).await;
        let done = done.expect("no deadlock");
        assert!(matches!(done, Some(Worked::Ended(TaskState::Done, _))));
    }

    #[tokio::test]
    async fn a_task_that_another_node_has_taken_is_dropped() {
        let work = Box::pin(std::future::pending());
        let begun = BegunRun::default();
        assert!(watched(work, (AT_ONCE, &begun), async |_| Beat::Taken).await.is_none());
    }

    #[tokio::test]
    async fn a_stopped_task_may_end_by_itself() {
        let work = async {
            sleep(10 * AT_ONCE).await;
            Worked::Ended(TaskState::Done, TaskResult::Stopped)
        };
        let begun = BegunRun::default();
        let ended = watched(Box::pin(work), (AT_ONCE, &begun), async |_| Beat::Stop).await;
        assert!(matches!(ended, Some(Worked::Ended(TaskState::Done, _))));
    }
}

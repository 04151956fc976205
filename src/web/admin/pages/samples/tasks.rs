//! Samples of the page of a task.

use super::{NOW, frame, named};
use crate::domain::MINUTE;
use crate::domain::admin::{TaskKind, TaskState};
use crate::flow::admin::task::{TaskCounts, TaskProgress, TaskResult, TaskView};
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::pages::{TaskPage, TaskPart};
use crate::web::pages::HtmlPage;
use crate::web::pages::samples::{LONG, MARKUP, RIGHT_TO_LEFT, Sample};

pub(super) fn all() -> Vec<Sample> {
    let mut samples = vec![
        task("panel-task-waiting", frame(), view(TaskKind::Plan, TaskState::Waiting)),
        task("panel-task-running", frame(), TaskView { progress: Some(progress("judging")), ..running() }),
        task("panel-task-stopping", frame(), TaskView { stop_asked: true, ..running() }),
        task("panel-task-done", frame(), ended(TaskKind::Sync, done())),
        task("panel-task-planned", frame(), ended(TaskKind::Plan, planned())),
        task("panel-task-nothing", frame(), ended(TaskKind::SyncPerson, TaskResult::NobodyFound)),
        task(
            "panel-task-failed",
            frame(),
            TaskView { state: TaskState::Failed, ..ended(TaskKind::Sync, failed("x")) },
        ),
        task(
            "panel-task-stopped",
            frame(),
            TaskView { state: TaskState::Stopped, ..ended(TaskKind::Revert, TaskResult::Stopped) },
        ),
    ];
    for (label, text) in [("long", LONG), ("rtl", RIGHT_TO_LEFT), ("markup", MARKUP)] {
        let hostile =
            |view: TaskView| TaskView { id: "t".into(), directory: text.into(), by: text.into(), ..view };
        let name = |what: &str| format!("hostile-{label}-panel-task-{what}");
        let changed = TaskResult::PlanChanged { people: vec![text.into(), text.into()], more: 3 };
        samples.extend([
            task(
                &name("running"),
                named(text),
                hostile(TaskView { progress: Some(progress(text)), ..running() }),
            ),
            task(
                &name("failed"),
                named(text),
                hostile(TaskView { state: TaskState::Failed, ..ended(TaskKind::ApproveHeld, failed(text)) }),
            ),
            task(&name("changed"), named(text), hostile(ended(TaskKind::ApplyPlan, changed))),
        ]);
    }
    samples
}

fn task(name: &str, frame: AdminFrame, view: TaskView) -> Sample {
    Sample::new(name, "admin/task.html", move |language| {
        let frame = AdminFrame { language, ..frame.clone() };
        let part = TaskPart { language, now: NOW, view: view.clone() };
        let resume = (view.state == TaskState::Stopped).then(|| "token".to_owned());
        TaskPage { language, frame, stop: Some("token".into()), resume, refreshes: !view.is_over(), part }
            .html()
    })
}

fn view(kind: TaskKind, state: TaskState) -> TaskView {
    TaskView {
        id: "a".repeat(43),
        kind,
        directory: "corp".into(),
        state,
        is_behind: state == TaskState::Waiting,
        stop_asked: false,
        by: "Ada Admin".into(),
        made_at: NOW - 2 * MINUTE,
        ended_at: None,
        progress: None,
        result: None,
    }
}

fn running() -> TaskView {
    view(TaskKind::Sync, TaskState::Running)
}

fn ended(kind: TaskKind, result: TaskResult) -> TaskView {
    TaskView { ended_at: Some(NOW - MINUTE), result: Some(result), ..view(kind, TaskState::Done) }
}

fn progress(doing: &str) -> TaskProgress {
    TaskProgress {
        doing: doing.into(),
        people: 4_200,
        of: Some(10_000),
        per_second: Some(350),
        seconds_left: Some(17),
    }
}

fn done() -> TaskResult {
    let counts =
        TaskCounts { seen: 10_000, created: 214, suspended: 3, conflicts: 1, ..TaskCounts::default() };
    TaskResult::Done { run: Some(41), counts }
}

fn planned() -> TaskResult {
    let counts = TaskCounts { seen: 10_000, created: 214, suspended: 3, held: 2, ..TaskCounts::default() };
    TaskResult::Planned { plan: 7, takes: 3, counts }
}

fn failed(text: &str) -> TaskResult {
    TaskResult::Failed { error: text.into(), advice: text.into() }
}

//! Samples of the Sync Log.

use super::samples::{NOW, frame, named};
use super::{HeldSetPage, LogTokens, SyncLogPage, TypedLog};
use crate::domain::account::SuspendedBecause;
use crate::domain::admin::Role;
use crate::domain::history::ChangeKind;
use crate::domain::reconcile::ConflictKind;
use crate::domain::{DAY, HOUR, MINUTE};
use crate::flow::admin::held::HeldSetView;
use crate::flow::admin::sync_log::{LogAction, RevertView, SyncLogView, SyncedView};
use crate::flow::sync::held_set::LossCount;
use crate::flow::sync::history::{
    ChangeView, ConflictView, HeldView, LogPage, LogQuery, LossView, RunState, RunView, ValuesView,
};
use crate::flow::sync::preview::PreviewView;
use crate::flow::sync::progress::ProgressView;
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::HtmlPage;
use crate::web::pages::samples::Sample;

/// All samples but the hostile ones.
pub(super) fn all() -> Vec<Sample> {
    let owner =
        || ShownLog { frame: frame(), typed: TypedLog::default(), view: ordinary("corp"), done: None };
    let auditor = AdminFrame { role: Role::Auditor, ..frame() };
    let of_run = TypedLog { run: "41".into(), ..TypedLog::default() };
    let decided = LogAction::Kept { done: 2, left_out: 1 };
    let nobody = ShownLog { done: Some(LogAction::Nobody), ..owner() };
    vec![
        log("panel-sync-log", owner()),
        log("panel-sync-log-nobody", nobody),
        held_set("panel-held", frame(), all_held("Example Corp")),
        held_set("panel-held-auditor", auditor.clone(), all_held("Example Corp")),
        held_set("panel-held-none", frame(), HeldSetView { name: "corp".into(), ..HeldSetView::default() }),
        log("panel-sync-log-empty", ShownLog { view: SyncLogView::default(), ..owner() }),
        log("panel-sync-log-auditor", ShownLog { frame: auditor, ..owner() }),
        log("panel-sync-log-run", ShownLog { typed: of_run, done: Some(decided), ..owner() }),
        log(
            "panel-sync-log-trouble",
            ShownLog { view: trouble(), done: Some(LogAction::Stopped), ..owner() },
        ),
    ]
}

/// With this text in every field that comes from a directory or a person.
pub(super) fn hostile(label: &str, text: &str) -> Sample {
    let typed = TypedLog { person: text.to_owned(), from: text.to_owned(), ..TypedLog::default() };
    let shown = ShownLog { frame: named(text), typed, view: ordinary(text), done: None };
    log(&format!("hostile-{label}-panel-sync-log"), shown)
}

/// The page of all held people, with this text.
pub(super) fn hostile_held(label: &str, text: &str) -> Sample {
    held_set(&format!("hostile-{label}-panel-held"), named(text), all_held(text))
}

fn all_held(text: &str) -> HeldSetView {
    let loss = |suspend, people| LossCount { suspend, people };
    HeldSetView {
        directory: text.into(),
        name: text.into(),
        people: 312,
        later: 7_000,
        losses: vec![
            loss(Some(SuspendedBecause::OutOfScope), 210),
            loss(Some(SuspendedBecause::Disabled), 90),
            loss(None, 12),
        ],
        seen: format!("{NOW}.{}", "a".repeat(64)),
    }
}

fn held_set(name: &str, frame: AdminFrame, view: HeldSetView) -> Sample {
    Sample::new(name, "admin/held.html", move |language| {
        let csrf = (frame.role == Role::Owner).then(|| "token".to_owned());
        let frame = AdminFrame { language, ..frame.clone() };
        let query = "?directory=corp".to_owned();
        HeldSetPage { language, frame, view: view.clone(), csrf, query }.html()
    })
}

#[derive(Clone)]
struct ShownLog {
    frame: AdminFrame,
    typed: TypedLog,
    view: SyncLogView,
    done: Option<LogAction>,
}

fn log(name: &str, shown: ShownLog) -> Sample {
    Sample::new(name, "admin/sync-log.html", move |language| {
        let ShownLog { frame, typed, view, done } = shown.clone();
        let may = matches!(frame.role, Role::Owner | Role::Operator);
        let token = || may.then(|| "token".to_owned());
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let asked =
            LogQuery { person: given(&typed.person), run: typed.run.parse().ok(), ..LogQuery::default() };
        SyncLogPage {
            language,
            frame: AdminFrame { language, ..frame },
            tokens: LogTokens {
                held: token(),
                hand_over: token(),
                stop: token(),
                resume: token(),
                revert: token(),
                export: token(),
            },
            revert: asked.run.map(|run| RevertView { run, directory: "corp".into(), accounts: 12 }),
            is_wrong: !typed.from.is_empty(),
            typed,
            asked,
            view,
            done,
            query: "?directory=corp".into(),
        }
        .html()
    })
}

/// A run that is done.
pub(super) fn run(number: i64, text: &str) -> RunView {
    let mut counts = PreviewView::default().counts;
    (counts.updated, counts.shares_joined) = (12, 3);
    RunView {
        run: number,
        directory: text.into(),
        trigger: "change".into(),
        state: RunState::Done,
        started_at: NOW - HOUR,
        finished_at: Some(NOW - HOUR + MINUTE),
        duration_ms: Some(MINUTE),
        times: 1,
        feed: Some("DirSync".into()),
        server: Some("dc1.corp.example.com:636".into()),
        cursor_from: None,
        cursor_to: None,
        feed_lacks: Vec::new(),
        reason: None,
        counts: Some(counts),
        progress: None,
        error: None,
        advice: None,
        approved: false,
    }
}

fn ordinary(text: &str) -> SyncLogView {
    let rejected = HeldView {
        entry: "6b1f7a3e-3b1e-4a51-9f0e-0c9d5a2f7e13".into(),
        rejected_by: Some(text.into()),
        rejected_at: Some(NOW),
        ..held(text)
    };
    let directory = SyncedView {
        id: text.into(),
        name: text.into(),
        held: vec![held(text), rejected],
        more_held: Some(text.into()),
        all_held: 120,
        undecided: 119,
        conflicts: vec![conflict(text)],
        more_conflicts: Some((text.into(), text.into())),
        all_conflicts: 60,
        ..SyncedView::default()
    };
    let values =
        |before: &str, after: &str| ValuesView { before: Some(before.into()), after: Some(after.into()) };
    let change = ChangeView {
        change: 7,
        run: Some(41),
        directory: Some(text.into()),
        account: "a1".into(),
        login_name: Some(text.into()),
        at: NOW - HOUR,
        kind: ChangeKind::Updated,
        why: Some(text.into()),
        before: None,
        after: serde_json::Value::Null,
        differs: [("email".to_owned(), values(text, text))].into(),
    };
    SyncLogView {
        directories: vec![
            directory.clone(),
            SyncedView { id: "lab".into(), name: "Laboratory".into(), ..SyncedView::default() },
        ],
        log: LogPage {
            runs: vec![run(41, text), run(40, text)],
            changes: vec![change],
            more: Some(40),
            ..LogPage::default()
        },
    }
}

fn held(text: &str) -> HeldView {
    HeldView {
        directory: text.into(),
        entry: "6b1f7a3e-3b1e-4a51-9f0e-0c9d5a2f7e11".into(),
        account: "a1".into(),
        login_name: text.into(),
        what: LossView { suspend: Some(SuspendedBecause::Disabled), shares: vec![text.into()] },
        since: NOW - DAY,
        what_since: NOW - DAY,
        run: Some(39),
        rejected_by: None,
        rejected_at: None,
    }
}

fn conflict(text: &str) -> ConflictView {
    ConflictView {
        directory: text.into(),
        entry: "6b1f7a3e-3b1e-4a51-9f0e-0c9d5a2f7e12".into(),
        login_name: text.into(),
        kind: ConflictKind::LinkPending,
        email: Some(text.into()),
        taken_by: Some("a1".into()),
        since: NOW - DAY,
        fix: text.into(),
        hand_over: true,
    }
}

/// A run in progress.
pub(super) fn running(text: &str) -> RunView {
    let progress = ProgressView {
        doing: "judging".into(),
        people: 12_000,
        of: Some(100_000),
        per_second: Some(900),
        seconds_left: Some(98),
        at: NOW,
    };
    RunView { state: RunState::Running, finished_at: None, progress: Some(progress), ..run(42, text) }
}

fn trouble() -> SyncLogView {
    let running = running("corp");
    let failed = RunView {
        state: RunState::Failed,
        error: Some("the directory did not answer".into()),
        advice: Some("check that the servers of the directory are running".into()),
        ..run(41, "corp")
    };
    let directory = SyncedView {
        id: "corp".into(),
        name: "Example Corp".into(),
        paused: Some(("stopped by anna".into(), NOW - MINUTE)),
        running: Some(running.clone()),
        ..SyncedView::default()
    };
    let log = LogPage { runs: vec![running, failed], ..LogPage::default() };
    SyncLogView { directories: vec![directory], log }
}

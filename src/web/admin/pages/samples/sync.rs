//! Samples of Sync Settings and of the two questions about the sync.

use super::{NOW, frame, named};
use crate::domain::admin::Role;
use crate::domain::history::ChangeKind;
use crate::domain::scope::PeopleCount;
use crate::domain::{HOUR, MINUTE};
use crate::flow::admin::directory::NamedDirectory;
use crate::flow::admin::set_up::{SetUpFacts, SetUpStep, SetUpView};
use crate::flow::admin::sync_plan::PlanView;
use crate::flow::admin::sync_settings::{
    GroupChoice, GroupOption, SyncDraft, SyncSettingsView, TYPED, UnitChoice, UnitView,
};
use crate::flow::admin::troubleshooting::{NotSyncingView, SlowSyncView, SyncObstacle};
use crate::flow::settings::{FieldKind, Problem, SettingDifference, SettingPath};
use crate::flow::sync::history::{PlannedView, ShortfallView, ValuesView};
use crate::flow::sync::plan::Takes;
use crate::flow::sync::preview::{PreviewKind, PreviewView};
use crate::flow::sync::units::GroupView;
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::pages::{
    DrawnField, DrawnProblem, FormNotice, NotSyncingPage, SetUpPage, SlowSyncPage, StaleNotice, SyncPlanPage,
    SyncSettingsPage, SyncTokens,
};
use crate::web::admin::step::SetUpLine;
use crate::web::pages::samples::Sample;
use crate::web::pages::{HtmlPage, Language};

/// All samples but the hostile ones.
pub(super) fn all() -> Vec<Sample> {
    let empty = SyncSettingsView { directory: "corp".into(), ..SyncSettingsView::default() };
    vec![
        settings("panel-sync-settings", frame(), chosen("corp"), |page| page),
        settings("panel-sync-settings-new", setting_up(), empty, |page| page),
        settings("panel-sync-settings-none", frame(), SyncSettingsView::default(), |page| page),
        settings("panel-sync-settings-preview", frame(), chosen("corp"), |page| SyncSettingsPage {
            preview: Some(preview("ada")),
            ..page
        }),
        settings("panel-sync-settings-wrong", frame(), chosen("corp"), |page| {
            wrong(page, "is no DN below the base DN")
        }),
        settings("panel-sync-settings-auditor", auditor(), chosen("corp"), |page| SyncSettingsPage {
            notice: Some(FormNotice::ReadOnly),
            can_edit: false,
            ..page
        }),
        settings("panel-sync-settings-saved", frame(), saved("corp"), |page| SyncSettingsPage {
            notice: Some(FormNotice::Saved),
            ..page
        }),
        settings("panel-sync-settings-unsaved", frame(), chosen("corp"), |page| SyncSettingsPage {
            notice: Some(FormNotice::Unsaved),
            ..page
        }),
        plan("panel-sync-plan", frame(), planned("Example Corp")),
        plan("panel-sync-plan-kind", frame(), PlanView { kinds: Vec::new(), ..planned("Example Corp") }),
        plan("panel-sync-plan-applied", auditor(), PlanView { applied_at: Some(NOW), ..planned("corp") }),
        set_up("panel-set-up", SetUpFacts { directory: true, ..SetUpFacts::default() }),
        set_up("panel-set-up-complete", everything()),
        not_syncing(
            "panel-not-syncing",
            frame(),
            vec![NotSyncingView { obstacles: Vec::new(), ..trouble("corp") }],
        ),
        not_syncing("panel-not-syncing-none", frame(), Vec::new()),
        not_syncing("panel-not-syncing-trouble", auditor(), vec![trouble("Example Corp")]),
        slow("panel-slow-sync", frame(), vec![SlowSyncView { imported: true, ..quick("corp") }]),
        slow("panel-slow-sync-trouble", auditor(), vec![slowly("Example Corp")]),
    ]
}

/// With this text in every field that comes from a directory or a person.
pub(super) fn hostile(label: &str, text: &'static str) -> Vec<Sample> {
    let name = |page: &str| format!("hostile-{label}-{page}");
    vec![
        settings(&name("panel-sync-settings"), named(text), chosen(text), move |page| {
            wrong(SyncSettingsPage { preview: Some(preview(text)), ..page }, text)
        }),
        plan(&name("panel-sync-plan"), named(text), planned(text)),
        not_syncing(&name("panel-not-syncing"), named(text), vec![trouble(text)]),
        slow(&name("panel-slow-sync"), named(text), vec![slowly(text)]),
    ]
}

fn setting_up() -> AdminFrame {
    let line =
        SetUpLine { step: SetUpStep::Read, next: Some(SetUpStep::Scope), address: Some("/admin".into()) };
    AdminFrame { set_up: Some(line), ..frame() }
}

fn auditor() -> AdminFrame {
    AdminFrame { role: Role::Auditor, ..frame() }
}

fn settings(
    name: &str,
    frame: AdminFrame,
    view: SyncSettingsView,
    changed: impl Fn(SyncSettingsPage) -> SyncSettingsPage + Send + Sync + 'static,
) -> Sample {
    Sample::new(name, "admin/sync-settings.html", move |language| {
        let token = || "token".to_owned();
        changed(SyncSettingsPage {
            language,
            frame: AdminFrame { language, ..frame.clone() },
            fields: fields(language, &view.directory),
            view: view.clone(),
            open: vec!["OU=People,DC=corp,DC=example,DC=com".into()],
            search: "sales".into(),
            has_searched: true,
            can_edit: true,
            tokens: SyncTokens { save: token(), draft: token() },
            notice: None,
            problems: Vec::new(),
            wrong: Vec::new(),
            preview: None,
            preview_error: None,
            stale: None,
        })
        .html()
    })
}

fn fields(language: Language, directory: &str) -> Vec<DrawnField> {
    let values = ["", "daily", "02:30", "Europe/Berlin", "50", "10", "90"];
    let labels = [
        "sync-settings-filter",
        "sync-settings-frequency",
        "sync-settings-at",
        "sync-settings-zone",
        "sync-settings-guard-people",
        "sync-settings-guard-percent",
        "sync-settings-log-days",
    ];
    let one = |(index, key): (usize, &&str)| DrawnField {
        name: format!("directories[{directory}].{key}"),
        id: format!("typed-{index}"),
        label: language.text(labels[index]).into_owned(),
        hint: language.text(&format!("{}.what", labels[index])).into_owned(),
        range: String::new(),
        kind: FieldKind::Text,
        upload: None,
        options: Vec::new(),
        value: values[index].into(),
        errors: Vec::new(),
    };
    TYPED.iter().enumerate().map(one).collect()
}

fn unit(text: &str, level: usize, choice: UnitChoice) -> UnitView {
    UnitView {
        dn: format!("OU={text},DC=corp,DC=example,DC=com"),
        name: text.into(),
        level,
        choice,
        people: Some(PeopleCount { all: 214, disabled: 3 }),
        children: 2,
        is_open: level < 2,
        left_out: if level == 0 { 40 } else { 0 },
    }
}

fn chosen(text: &str) -> SyncSettingsView {
    let group =
        |choice, is_known| GroupOption { name: text.into(), dn: format!("CN={text}"), choice, is_known };
    SyncSettingsView {
        generation: 7,
        directories: [("corp", text), ("lab", "Laboratory")]
            .map(|(id, name)| NamedDirectory { id: id.into(), name: name.into() })
            .into(),
        directory: "corp".into(),
        base_dn: "DC=corp,DC=example,DC=com".into(),
        draft: SyncDraft { team_shares: vec![(format!("CN={text}"), text.into())], ..SyncDraft::default() },
        read_at: Some(NOW - 3 * HOUR),
        is_running: true,
        imported: true,
        can_run: true,
        units: vec![
            unit(text, 0, UnitChoice::Nothing),
            unit(text, 1, UnitChoice::Subtree),
            UnitView {
                people: Some(PeopleCount { all: 1, disabled: 0 }),
                children: 0,
                ..unit(text, 2, UnitChoice::Excluded)
            },
            unit(text, 12, UnitChoice::OneLevel),
        ],
        other_units: vec![UnitView { people: None, ..unit(text, 0, UnitChoice::Subtree) }],
        groups: vec![
            group(GroupChoice::Synced, true),
            group(GroupChoice::Excluded, false),
            group(GroupChoice::Nothing, true),
        ],
        more_groups: Some(GroupView { name: text.into(), dn: text.into() }),
        team_share_names: vec![text.into()],
    }
}

/// Saved, and not imported yet.
fn saved(text: &str) -> SyncSettingsView {
    SyncSettingsView { imported: false, ..chosen(text) }
}

fn row(text: &str) -> PlannedView {
    let values = ValuesView { before: Some(text.into()), after: Some(text.into()) };
    PlannedView {
        kind: ChangeKind::Created,
        login_name: text.into(),
        entry: "6b1f7a3e-3b1e-4a51-9f0e-0c9d5a2f7e11".into(),
        account: None,
        why: Some(text.into()),
        before: None,
        after: serde_json::Value::Null,
        differs: [("email".to_owned(), values)].into(),
    }
}

fn plan(name: &str, frame: AdminFrame, view: PlanView) -> Sample {
    Sample::new(name, "admin/sync-plan.html", move |language| {
        let csrf = (frame.role == Role::Owner).then(|| "token".to_owned());
        let frame = AdminFrame { language, ..frame.clone() };
        let view = view.clone();
        let shown = view.kinds.is_empty().then_some(ChangeKind::Created);
        SyncPlanPage { language, frame, view, shown, csrf }.html()
    })
}

fn planned(text: &str) -> PlanView {
    PlanView {
        plan: 7,
        directory: "corp".into(),
        directory_name: text.into(),
        made_at: NOW - MINUTE,
        counts: preview(text).counts,
        takes: Takes { people: 3, beyond: 1 },
        applied_at: None,
        is_old: true,
        kinds: vec![
            PreviewKind { kind: ChangeKind::Suspended, total: 3, rows: vec![row(text); 3] },
            PreviewKind { kind: ChangeKind::Created, total: 214, rows: vec![row(text); 10] },
        ],
        rows: vec![row(text); 50],
        next_after: Some(99),
    }
}

fn preview(text: &str) -> PreviewView {
    let mut preview = PreviewView {
        filter_unknown: true,
        changed_meanwhile: true,
        orphaned: 2,
        takes: 3,
        changes: vec![PreviewKind { kind: ChangeKind::Created, total: 214, rows: vec![row(text)] }],
        ..PreviewView::default()
    };
    (preview.counts.created, preview.counts.suspended) = (214, 3);
    preview
}

fn wrong(page: SyncSettingsPage, text: &str) -> SyncSettingsPage {
    let difference =
        SettingDifference { key: text.into(), before: Some(text.into()), after: Some(text.into()) };
    let label = page.language.text("sync-settings.units").into_owned();
    SyncSettingsPage {
        notice: Some(FormNotice::Wrong),
        problems: vec![
            DrawnProblem { field: Some((label, "units".into())), text: text.into() },
            DrawnProblem { field: None, text: text.into() },
        ],
        wrong: vec![Problem {
            line: 0,
            place: SettingPath::named("directories", "corp").key("scope.organizational_units").item(0),
            message: text.into(),
        }],
        preview_error: Some(text.into()),
        stale: Some(StaleNotice {
            title: text.into(),
            contested: vec![difference.clone()],
            differences: vec![difference],
        }),
        ..page
    }
}

fn set_up(name: &str, facts: SetUpFacts) -> Sample {
    Sample::new(name, "admin/set-up.html", move |language| {
        let frame = AdminFrame { language, ..frame() };
        let addresses = SetUpStep::ALL.map(|_| "/admin".to_owned());
        SetUpPage { language, frame, view: SetUpView { facts, directory: "corp".into() }, addresses }.html()
    })
}

fn everything() -> SetUpFacts {
    SetUpFacts {
        directory: true,
        scope: true,
        read: true,
        imported: true,
        client: true,
        second_factor: true,
        signed_in: true,
        owners: true,
    }
}

fn not_syncing(name: &str, frame: AdminFrame, directories: Vec<NotSyncingView>) -> Sample {
    Sample::new(name, "admin/not-syncing.html", move |language| {
        let frame = AdminFrame { language, ..frame.clone() };
        NotSyncingPage { language, frame, directories: directories.clone() }.html()
    })
}

fn trouble(text: &str) -> NotSyncingView {
    NotSyncingView {
        id: "corp".into(),
        name: text.into(),
        people: 214,
        accounts: 200,
        read_at: Some(NOW - HOUR),
        is_running: true,
        obstacles: vec![
            SyncObstacle::NothingSelected,
            SyncObstacle::WaitsForImport,
            SyncObstacle::NeverImported,
            SyncObstacle::Paused(text.into()),
            SyncObstacle::Failed { error: text.into(), advice: Some(text.into()) },
            SyncObstacle::Late(None),
            SyncObstacle::Held(12),
            SyncObstacle::Conflicts(1),
            SyncObstacle::Empty(text.into()),
        ],
    }
}

fn slow(name: &str, frame: AdminFrame, directories: Vec<SlowSyncView>) -> Sample {
    Sample::new(name, "admin/slow-sync.html", move |language| {
        let frame = AdminFrame { language, ..frame.clone() };
        let support = (frame.role == Role::Owner).then(|| "token".to_owned());
        SlowSyncPage { language, frame, directories: directories.clone(), support }.html()
    })
}

fn quick(text: &str) -> SlowSyncView {
    SlowSyncView {
        id: "corp".into(),
        name: text.into(),
        people: 214,
        feed: Some(("DirSync", format!("{text}:636"))),
        ..SlowSyncView::default()
    }
}

fn slowly(text: &str) -> SlowSyncView {
    let run = crate::web::admin::pages::sync_samples::run(41, text);
    SlowSyncView {
        feed: Some(("full scan", format!("{text}:636"))),
        lacks: vec![ShortfallView { what: text.into(), fix: text.into() }],
        slow_for: Some(47 * MINUTE),
        bundle: Some(text.into()),
        running: Some(crate::web::admin::pages::sync_samples::running(text)),
        runs: vec![run],
        ..quick(text)
    }
}

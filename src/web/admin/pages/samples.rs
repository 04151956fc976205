//! Samples of every page of the panel: empty, ordinary, with errors, for a role that only reads, and with
//! hostile text.

mod applications;
mod approvals;
mod directory;
mod lock_down;
mod people;
mod service_comparison;
mod service_test;
mod services;
mod settings;
mod sync;
mod tasks;
mod test_sso;
mod two_step_people;

use super::{LinkPage, LinkTokens, OverviewPage};
use crate::domain::admin::Role;
use crate::domain::gates::Gate;
use crate::domain::settings::{Often, Sync};
use crate::domain::{DAY, HOUR, MINUTE, Millis};
use crate::flow::admin::charts::{CauseCount, ChartsView, HourView, LagHour, LagView, RefusalGroup};
use crate::flow::admin::overview::{
    CheckView, DecisionKind, DecisionView, DirectoryView, Health, NodeView, OverviewView, ProcessPart,
    ServerState, ServerView,
};
use crate::flow::support::enrolment::EnrolmentView;
use crate::web::admin::frame::{AdminFrame, LinkNotice};
use crate::web::pages::samples::{LONG, MARKUP, RIGHT_TO_LEFT, Sample};
use crate::web::pages::{HtmlPage, Language, Moment};

pub(super) const NOW: Millis = 1_795_388_400_000;
const PARTS: [ProcessPart; 4] =
    [ProcessPart::Database, ProcessPart::Redis, ProcessPart::Settings, ProcessPart::Jobs];

/// All samples of the panel.
pub fn all() -> Vec<Sample> {
    let auditor = AdminFrame { role: Role::Auditor, name: "Ole Öberg".into(), ..frame() };
    let break_glass = AdminFrame {
        break_glass: true,
        name: "root@idp1.corp.example.com".into(),
        used_links: vec![used("root@idp1", HOUR)],
        ..frame()
    };
    let used_links =
        vec![used("root@idp1.corp.example.com", 2 * HOUR), used("gerda@idp2.corp.example.com", DAY)];
    let unconfirmed = AdminFrame { confirmed: false, used_links, ..frame() };
    let mut samples = vec![
        overview("panel-overview", frame(), ordinary()),
        overview("panel-overview-auditor", auditor, ordinary()),
        overview(
            "panel-overview-empty",
            break_glass,
            OverviewView { checks: checks(None), ..OverviewView::default() },
        ),
        overview("panel-overview-trouble", unconfirmed, trouble()),
        Sample::new("panel-link", "admin/link.html", |language| {
            LinkPage { language, token: "a".repeat(43) }.html()
        }),
    ];
    samples.extend(super::sync_samples::all());
    samples.extend(applications::all());
    samples.extend(approvals::all());
    samples.extend(test_sso::all());
    samples.extend(people::all());
    samples.extend(sync::all());
    samples.extend(two_step_people::all());
    for (label, text) in [("long", LONG), ("rtl", RIGHT_TO_LEFT), ("markup", MARKUP)] {
        samples.push(overview(&format!("hostile-{label}-panel-overview"), named(text), hostile(text)));
        samples.push(super::sync_samples::hostile(label, text));
        samples.push(super::sync_samples::hostile_held(label, text));
        samples.extend(sync::hostile(label, text));
    }
    samples.extend(directory::all());
    samples.extend(services::all());
    samples.extend(service_test::all());
    samples.extend(service_comparison::all());
    samples.extend(settings::all());
    samples.extend(lock_down::all());
    samples.extend(tasks::all());
    samples
}

fn overview(name: &str, frame: AdminFrame, view: OverviewView) -> Sample {
    Sample::new(name, "admin/overview.html", move |language| {
        let frame = AdminFrame { language, ..frame.clone() };
        let token = || Some("token".to_owned());
        let tokens = match (frame.role, frame.break_glass) {
            (Role::Owner, false) => LinkTokens { ours: token(), end: token() },
            (Role::Owner, true) => LinkTokens { ours: None, end: token() },
            _ => LinkTokens::default(),
        };
        let notice = frame.used_links.first().and(Some("links-confirmed"));
        let support = (frame.role == Role::Owner).then(|| "token".to_owned());
        OverviewPage { language, frame, view: view.clone(), tokens, notice, support }.html()
    })
}

fn used(made_by: &str, age: Millis) -> LinkNotice {
    LinkNotice { made_by: made_by.into(), used_from: "192.0.2.7".into(), used: ago(age) }
}

fn ago(age: Millis) -> Moment {
    Moment { at: NOW - age, now: NOW }
}

pub(in crate::web) fn frame() -> AdminFrame {
    AdminFrame {
        language: Language::default(),
        now: NOW,
        path: "/admin".into(),
        name: "Ada Admin".into(),
        role: Role::Owner,
        break_glass: false,
        confirmed: true,
        used_links: Vec::new(),
        set_up: None,
        sign_out_token: "token".into(),
    }
}

pub(super) fn named(text: &str) -> AdminFrame {
    AdminFrame { name: text.into(), path: text.into(), used_links: vec![used(text, DAY)], ..frame() }
}

fn checks(bad: Option<usize>) -> Vec<CheckView> {
    let health = |index: usize| match bad {
        Some(bad) if index == bad => Health::Bad,
        Some(bad) if index > bad => Health::Unknown,
        _ => Health::Good,
    };
    PARTS.into_iter().enumerate().map(|(index, part)| CheckView { part, health: health(index) }).collect()
}

fn server(name: &str, state: ServerState, first: bool) -> ServerView {
    ServerView { name: name.into(), state, first }
}

fn directory() -> DirectoryView {
    DirectoryView {
        id: "corp".into(),
        name: "Example Corp".into(),
        servers: vec![
            server("dc1.corp.example.com:636", ServerState::InUse, true),
            server("dc2.corp.example.com:636", ServerState::InUse, false),
        ],
        sync: Sync::default(),
        feed: Some(("DirSync", "dc1.corp.example.com:636".into())),
        caught_up_at: Some(NOW - 20 * MINUTE),
        people: 214,
        accounts: 211,
        waiting: 0,
        running: false,
        failure: None,
    }
}

/// Charts with the name of a directory.
fn sample_charts(directory: &str) -> ChartsView {
    let at = |hour: usize| NOW - (23 - hour as Millis) * HOUR;
    let causes = |refusals: u64| {
        let groups = [RefusalGroup::Gate(Gate::Bound), RefusalGroup::Throttled];
        groups.map(|group| CauseCount { group, times: refusals / 2 }).into_iter().filter(|one| one.times > 0)
    };
    let hour = |hour: usize| {
        let refusals = 2 * (hour as u64 % 5);
        HourView {
            at: at(hour),
            sign_ins: (hour as u64 * 7) % 41,
            refusals,
            causes: causes(refusals).collect(),
        }
    };
    let lag =
        |hour: usize| LagHour { at: at(hour), worst: (hour > 3).then_some((hour as Millis % 7) * 9_000) };
    let groups = Gate::ALL.into_iter().map(RefusalGroup::Gate).chain([
        RefusalGroup::Throttled,
        RefusalGroup::SecondFactor,
        RefusalGroup::Undecided,
        RefusalGroup::Other,
    ]);
    let cause = |(place, group): (usize, RefusalGroup)| CauseCount { group, times: 40 - 2 * place as u64 };
    ChartsView {
        hours: (0..24).map(hour).collect(),
        causes: groups.enumerate().map(cause).collect(),
        lags: vec![LagView { directory: directory.into(), hours: (0..24).map(lag).collect() }],
        enrolment: Some(EnrolmentView { enrolled: 171, missing: 40, hour: NOW - HOUR }),
    }
}

fn ordinary() -> OverviewView {
    let nodes = [("idp1.corp.example.com", MINUTE / 2), ("idp2.corp.example.com", MINUTE)];
    OverviewView {
        charts: sample_charts("Example Corp"),
        checks: checks(None),
        nodes: nodes.map(|(host, age)| NodeView { host: host.into(), noted_at: NOW - age }).into(),
        directories: vec![directory()],
        decisions: Vec::new(),
    }
}

fn certificate(subject: &str, days_left: i64) -> DecisionKind {
    DecisionKind::Certificate {
        subject: subject.into(),
        server: "dc1.corp.example.com:636".into(),
        days_left,
    }
}

fn trouble() -> OverviewView {
    let decision = |kind| DecisionView { id: "corp".into(), name: "Example Corp".into(), kind };
    let kinds = [
        DecisionKind::Held(12),
        DecisionKind::Conflicts(1),
        DecisionKind::Paused("run 41 was reverted".into()),
        DecisionKind::Failed,
        DecisionKind::NotImported,
        DecisionKind::Slow(47),
        DecisionKind::UnknownGroup("CN=CloudSync Owners,OU=Groups,DC=corp,DC=example,DC=com".into()),
        certificate("dc1.corp.example.com", 14),
        certificate("CN=Example CA", -1),
        DecisionKind::OldSecret { days_left: 1 },
        DecisionKind::Approvals(2),
        DecisionKind::ChainBroken("event 7 was changed".into()),
        DecisionKind::ServiceStopped("401 unauthorized: the token has expired".into()),
        DecisionKind::ServiceAway("no answer: timed out".into()),
        DecisionKind::Quarantined(3),
    ];
    let failing = DirectoryView {
        servers: vec![
            server("dc1.corp.example.com:636", ServerState::Paused, true),
            server("dc2.corp.example.com:636", ServerState::OnTrial, false),
        ],
        sync: Sync { frequency: Often::Daily, ..Sync::default() },
        failure: Some((
            "the directory did not answer".into(),
            Some("check that port 636 of dc1.corp.example.com is open from this machine".into()),
        )),
        feed: None,
        caught_up_at: None,
        waiting: 3,
        running: true,
        ..directory()
    };
    let hourly = Sync { frequency: Often::Hourly, ..Sync::default() };
    let second = DirectoryView { id: "lab".into(), name: "Laboratory".into(), sync: hourly, ..directory() };
    OverviewView {
        checks: checks(Some(1)),
        directories: vec![failing, second],
        decisions: kinds.map(decision).into(),
        ..ordinary()
    }
}

fn hostile(text: &str) -> OverviewView {
    let node = NodeView { host: text.into(), noted_at: NOW };
    let kinds = [
        DecisionKind::Paused(text.into()),
        DecisionKind::ChainBroken(text.into()),
        certificate(text, 3),
        DecisionKind::ServiceStopped(text.into()),
        DecisionKind::ServiceAway(text.into()),
    ];
    let decision = |kind| DecisionView { id: text.into(), name: text.into(), kind };
    let directory = DirectoryView {
        id: text.into(),
        name: text.into(),
        servers: vec![server(text, ServerState::Paused, true)],
        sync: Sync { frequency: Often::Daily, at: text.into(), zone: text.into(), ..Sync::default() },
        feed: Some(("DirSync", text.into())),
        failure: Some((text.into(), Some(text.into()))),
        ..directory()
    };
    OverviewView {
        charts: sample_charts(text),
        checks: checks(Some(0)),
        nodes: vec![node],
        directories: vec![directory],
        decisions: kinds.map(decision).into(),
    }
}

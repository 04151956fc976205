//! Samples of what needs a second owner.

use super::{NOW, frame, named};
use crate::domain::account::AccountId;
use crate::domain::admin::{ApprovalState, Role, TaskKind};
use crate::domain::{DAY, HOUR};
use crate::flow::admin::approval_views::{ApprovalEffect, ApprovalView, ApprovalsView};
use crate::flow::admin::four_eyes::ApprovalLine;
use crate::flow::admin::settings::Consequence;
use crate::flow::settings::SettingDifference;
use crate::web::admin::address::APPROVALS;
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::pages::{ApprovalPage, ApprovalTokens, ApprovalsPage};
use crate::web::pages::HtmlPage;
use crate::web::pages::samples::{LONG, MARKUP, RIGHT_TO_LEFT, Sample};

const STATES: [ApprovalState; 6] = [
    ApprovalState::Open,
    ApprovalState::Waiting,
    ApprovalState::Approved,
    ApprovalState::Rejected,
    ApprovalState::Withdrawn,
    ApprovalState::Expired,
];

/// All of them.
pub(super) fn all() -> Vec<Sample> {
    let at = || AdminFrame { path: APPROVALS.into(), ..frame() };
    let auditor = AdminFrame { role: Role::Auditor, ..at() };
    let both = ApprovalsView { four_eyes: true, two_owners: true, requests: lines("Ada Admin") };
    let alone = ApprovalsView { two_owners: false, requests: Vec::new(), ..both.clone() };
    let waiting = || changes("Ada Admin", ApprovalState::Waiting);
    let mut samples = vec![
        list("panel-approvals", at(), "", both),
        list("panel-approvals-alone", at(), "not-a-person", alone),
        list("panel-approvals-off", auditor.clone(), "ended", ApprovalsView::default()),
        one(
            "panel-approval-open",
            at(),
            "",
            ApprovalView { is_mine: true, ..changes("Ada", ApprovalState::Open) },
        ),
        one("panel-approval-mine", at(), "asked", ApprovalView { is_mine: true, ..waiting() }),
        one("panel-approval-decide", at(), "", ApprovalView { may_decide: true, ..waiting() }),
        one("panel-approval-plan", at(), "not-seen", ApprovalView { may_decide: true, ..plan("Ada Admin") }),
        one("panel-approval-auditor", auditor, "", plan("Ada Admin")),
    ];
    let let_in = ApprovalView { decides_from: Some(NOW + 6 * DAY), ..waiting() };
    samples.push(one("panel-approval-let-in", at(), "let-in", let_in));
    for word in ["own", "not-waiting", "asker-lost", "no-reason", "saved", "rejected", "withdrawn"] {
        samples.push(one(&format!("panel-approval-{word}"), at(), word, waiting()));
    }
    for (label, text) in [("long", LONG), ("rtl", RIGHT_TO_LEFT), ("markup", MARKUP)] {
        let view = ApprovalsView { four_eyes: true, two_owners: true, requests: lines(text) };
        samples.push(list(&format!("hostile-{label}-panel-approvals"), named(text), text, view));
        let decide = ApprovalView { may_decide: true, ..changes(text, ApprovalState::Waiting) };
        samples.push(one(&format!("hostile-{label}-panel-approval"), named(text), text, decide));
    }
    samples
}

fn list(name: &str, frame: AdminFrame, notice: &str, view: ApprovalsView) -> Sample {
    let notice = notice.to_owned();
    Sample::new(name, "admin/approvals.html", move |language| {
        let frame = AdminFrame { language, ..frame.clone() };
        ApprovalsPage { language, frame, notice: notice.clone(), view: view.clone() }.html()
    })
}

fn one(name: &str, frame: AdminFrame, notice: &str, view: ApprovalView) -> Sample {
    let notice = notice.to_owned();
    Sample::new(name, "admin/approval.html", move |language| {
        let (frame, tokens) = (AdminFrame { language, ..frame.clone() }, ApprovalTokens::default());
        ApprovalPage { language, frame, notice: notice.clone(), view: view.clone(), tokens }.html()
    })
}

fn lines(text: &str) -> Vec<ApprovalLine> {
    let kinds = [None, Some(TaskKind::ApplyPlan), Some(TaskKind::ApproveHeld), Some(TaskKind::Revert)];
    STATES.into_iter().zip(kinds.into_iter().cycle()).map(|(state, kind)| line(text, kind, state)).collect()
}

fn line(text: &str, kind: Option<TaskKind>, state: ApprovalState) -> ApprovalLine {
    let decided = matches!(state, ApprovalState::Approved | ApprovalState::Rejected);
    ApprovalLine {
        id: "a".repeat(43),
        kind,
        state,
        asked_by: text.into(),
        asker: AccountId("a".into()),
        why: if state == ApprovalState::Open { String::new() } else { text.into() },
        made_at: NOW - HOUR,
        expires_at: NOW + 6 * DAY,
        decided_by: decided.then(|| text.into()),
        decided_at: decided.then_some(NOW - HOUR / 2),
        reason: (state == ApprovalState::Rejected).then(|| text.into()),
    }
}

fn changes(text: &str, state: ApprovalState) -> ApprovalView {
    let change = |key: &str, before: Option<&str>| SettingDifference {
        key: key.into(),
        before: before.map(str::to_owned),
        after: Some(text.to_owned()),
    };
    ApprovalView {
        line: line(text, None, state),
        is_mine: false,
        may_decide: false,
        decides_from: None,
        seen: "0".repeat(64),
        changes: vec![
            change("second_factor.required", Some("everyone")),
            change("directories[corp].admin_groups", None),
        ],
        consequences: vec![
            Consequence::FewerOwners,
            Consequence::SecondFactorAsked { before: 211, after: 0, without: 0 },
        ],
        effect: None,
    }
}

fn plan(text: &str) -> ApprovalView {
    ApprovalView {
        line: line(text, Some(TaskKind::ApplyPlan), ApprovalState::Waiting),
        changes: Vec::new(),
        consequences: Vec::new(),
        effect: Some(ApprovalEffect {
            directory: "corp".into(),
            plan: Some(12),
            people: 140,
            beyond: 90,
            ..ApprovalEffect::default()
        }),
        ..changes(text, ApprovalState::Waiting)
    }
}

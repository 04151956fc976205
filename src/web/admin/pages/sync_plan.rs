//! A plan of the sync, with the button that applies it.

use std::borrow::Cow;

use askama::Template;

use super::changes::ChangeTable;
use super::sync_words::{counts, kind_title};
use crate::domain::history::ChangeKind;
use crate::flow::admin::sync_plan::{PlanView, planned};
use crate::flow::sync::history::{PlannedView, counted};
use crate::flow::sync::preview::PreviewKind;
use crate::web::admin::address::{plan_path, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// The plan.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/sync-plan.html")]
pub(in crate::web::admin) struct SyncPlanPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub view: PlanView,
    /// The kind of changes that are shown.
    pub shown: Option<ChangeKind>,
    /// Of the form that applies it; `None` for a role that may not.
    pub csrf: Option<String>,
}

/// A link to the changes of one kind.
struct PlanTab {
    text: Cow<'static, str>,
    address: String,
    is_current: bool,
}

impl SyncPlanPage {
    fn can_apply(&self) -> bool {
        self.csrf.is_some() && self.view.applied_at.is_none() && !self.counts().is_empty()
    }

    fn token(&self) -> &str {
        self.csrf.as_deref().unwrap_or_default()
    }

    /// How many get in and how many are suspended.
    fn summary(&self) -> Cow<'static, str> {
        let parts = [("in", gets_in(&self.view).into()), ("out", self.view.counts.suspended.into())];
        self.language.with_all("sync-preview.summary", parts)
    }

    fn counts(&self) -> Vec<Cow<'static, str>> {
        counts(self.language, &counted(&self.view.counts))
    }

    fn beyond(&self) -> Cow<'static, str> {
        self.language.with("sync-plan-beyond.what", "count", self.view.takes.beyond)
    }

    fn button(&self) -> Cow<'static, str> {
        apply_text(self.language, &self.view)
    }

    /// True for the first page, which begins each kind.
    fn is_grouped(&self) -> bool {
        !self.view.kinds.is_empty()
    }

    fn title(&self, kind: &PreviewKind) -> Cow<'static, str> {
        kind_title(self.language, kind.kind, kind.total)
    }

    fn table<'a>(&'a self, rows: &'a [PlannedView]) -> ChangeTable<'a> {
        ChangeTable::planned(&self.frame, rows)
    }

    fn has_more(&self, kind: &PreviewKind) -> bool {
        kind.total > kind.rows.len() as u64
    }

    fn of_kind(&self, kind: &PreviewKind) -> String {
        self.address(Some(kind.kind), None)
    }

    fn address(&self, kind: Option<ChangeKind>, after: Option<i64>) -> String {
        let after = after.map(|after| after.to_string()).unwrap_or_default();
        let kind = kind.map(ChangeKind::as_str).unwrap_or_default();
        with_query(&plan_path(self.view.plan), &[("kind", kind), ("after", &after)])
    }

    /// All kinds, and each kind that the plan has.
    fn tabs(&self) -> Vec<PlanTab> {
        let of_kind = |(kind, total)| PlanTab {
            text: kind_title(self.language, kind, total),
            address: self.address(Some(kind), None),
            is_current: self.shown == Some(kind),
        };
        let all = PlanTab {
            text: self.language.text("sync-log.all-kinds"),
            address: self.address(None, None),
            is_current: self.shown.is_none(),
        };
        let kinds = planned(&self.view.counts).into_iter().filter(|(_, total)| *total > 0);
        std::iter::once(all).chain(kinds.map(of_kind)).collect()
    }

    fn more(&self) -> Option<String> {
        self.view.next_after.map(|after| self.address(self.shown, Some(after)))
    }
}

/// What applying a plan does, to how many.
pub(in crate::web::admin) fn apply_text(language: Language, view: &PlanView) -> Cow<'static, str> {
    let parts = [("in", gets_in(view).into()), ("takes", view.takes.people.into())];
    language.with_all("sync-plan.apply", parts)
}

fn gets_in(view: &PlanView) -> u64 {
    view.counts.created + view.counts.linked + view.counts.reactivated
}
